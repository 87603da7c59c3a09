import { expect, test } from 'vitest';

import { chosenUpstreams } from './upstream-options.ts';

test('each --upstream gets the other flags, and without it there are none', () => {
  const flags = { upstreamType: 'vllm', upstreamKeyEnv: 'GPU_KEY', upstreamConcurrency: 8 } as const;
  const settings = { type: 'vllm', keyEnv: 'GPU_KEY', concurrency: 8, model: undefined, keyFile: undefined };
  expect(chosenUpstreams({ upstream: ['http://gpu1:8000/v1', 'http://gpu2:8000/v1'], ...flags })).toEqual([
    { url: 'http://gpu1:8000/v1', ...settings },
    { url: 'http://gpu2:8000/v1', ...settings },
  ]);
  expect(chosenUpstreams({ upstream: [] })).toEqual([]);
});

test.each([
  [{ upstream: [], upstreamModel: 'secret' }, /^--upstream is missing/],
  [{ upstream: ['http://me:secret@gpu1/v1'] }, /^--upstream must not hold a user.*--upstream-key-env/],
  [{ upstream: ['http://gpu1/v1?key=secret'] }, /^--upstream must not have a query/],
  [{ upstream: ['secret'] }, /^--upstream must be an http or https address/],
  [{ upstream: ['http://gpu1'], upstreamKeyEnv: 'sk-secret' }, /^--upstream-key-env must be the name of a variable/],
])('chosenUpstreams refuses %j as wrong usage, and repeats no value', (flags, why) => {
  const call = () => chosenUpstreams(flags);
  expect(call).toThrow(
    expect.objectContaining({ code: 'invalid-request', message: expect.stringMatching(why) as string }),
  );
  expect(call).not.toThrow('secret');
});
