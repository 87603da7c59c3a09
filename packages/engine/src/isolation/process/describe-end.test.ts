import { expect, it } from 'vitest';

import { describeEnd, engineCrashed, type ProcessEnd } from './describe-end.ts';

const end = { code: null, signal: null, hang: null, output: [] } as const;

it.each<[string, Partial<ProcessEnd>]>([
  ['crashed (SIGSEGV)', { signal: 'SIGSEGV' }],
  ['was killed (SIGKILL), as a system does that has no memory left', { signal: 'SIGKILL' }],
  ['did not answer any more and was ended', { signal: 'SIGKILL', hang: 'silent' }],
  ['got no further with its work and was ended', { signal: 'SIGKILL', hang: 'stuck' }],
  [
    'ran out of memory',
    {
      signal: 'SIGABRT',
      output: ['FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory'],
    },
  ],
  ['ended by itself (exit code 1)', { code: 1 }],
  ['could not be started (spawn node EMFILE)', { unstarted: 'spawn node EMFILE' }],
  [
    'ended by itself (exit code 1: TypeError: x is not a function)',
    {
      code: 1,
      output: [
        'file:///a.js:1',
        '    x();',
        '    ^',
        'TypeError: x is not a function',
        '    at a.js:1:5',
        'Node.js v20.20.2',
      ],
    },
  ],
  ['ended by itself (exit code 3: bye)', { code: 3, output: ['hello', 'bye'] }],
])('%s', (words, how) => {
  expect(describeEnd({ ...end, ...how })).toBe(words);
  expect(engineCrashed({ ...end, ...how })).toMatchObject({
    code: 'engine-crashed',
    retryable: true,
    message: `the engine ${words}; it is started again, send the request again`,
  });
});
