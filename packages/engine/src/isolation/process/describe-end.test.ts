import { expect, it } from 'vitest';

import { describeEnd, engineCrashed, type ProcessEnd } from './describe-end.ts';

const end = { code: null, signal: null, hang: null, output: [] } as const;

it.each<[string, Partial<ProcessEnd>]>([
  ['crashed (SIGSEGV)', { signal: 'SIGSEGV' }],
  ['was killed (SIGKILL), probably because the system ran out of memory', { signal: 'SIGKILL' }],
  ['stopped responding and was killed', { signal: 'SIGKILL', hang: 'silent' }],
  ['made no progress and was killed', { signal: 'SIGKILL', hang: 'stuck' }],
  [
    'ran out of memory',
    {
      signal: 'SIGABRT',
      output: ['FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory'],
    },
  ],
  ['exited with code 1', { code: 1 }],
  ['did not start (spawn node EMFILE)', { spawnError: 'spawn node EMFILE' }],
  [
    'exited with code 1 (TypeError: x is not a function)',
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
  ['exited with code 3 (bye)', { code: 3, output: ['hello', 'bye'] }],
])('describes an end as: the engine %s', (words, how) => {
  expect(describeEnd({ ...end, ...how })).toBe(words);
  expect(engineCrashed({ ...end, ...how })).toMatchObject({
    code: 'engine-crashed',
    retryable: true,
    message: `the engine ${words}; it is restarting; send the request again`,
  });
});
