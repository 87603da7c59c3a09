import { expect, test } from 'vitest';

import { binaryLine, resultLines } from './build-lines.ts';

const onCpu = {
  id: 'tiny',
  binary: 'prebuilt' as const,
  device: 'cpu',
  decodeTrials: [
    { threads: 1, ms: 2.613 },
    { threads: 2, ms: 1.84 },
  ],
};
const facts = {
  models: [onCpu],
  gain: null,
  earlier: null,
  prebuilt: false,
  command: 'headway build',
  platform: 'linux',
};
const onlyName = /^llama.cpp: the prebuilt binary$/;
const gain = { decode: 1.623, prefill: 2 };

test.each([
  [
    'offers a build by the times that were measured',
    {},
    /^llama.cpp: the prebuilt binary, .* \(tiny: 2\.6 ms with 1 thread, 1\.8 ms with 2 threads\); headway build compiles/,
  ],
  ['promises no figure before a build', { gain }, /^(?!.*times)/],
  ['offers nothing where no time was measured', { models: [{ ...onCpu, decodeTrials: [] }] }, onlyName],
  [
    'tells what an earlier build brought',
    { earlier: { ...gain, builtAt: '2026-11-28T10:00:00.000Z', kept: true } },
    /^llama.cpp: the prebuilt binary; the build of 2026-11-28 writes 1\.62 times as fast as the prebuilt binary and/,
  ],
  [
    'tells that a build was no faster',
    { earlier: { decode: 1.02, prefill: 0.99, builtAt: '2026-11-28T10:00:00.000Z', kept: false } },
    /^llama.cpp: the prebuilt binary; the build of 2026-11-28 was not kept: it writes 1\.02 times .* reads 0\.99 times/,
  ],
  [
    'names the measured gain of a build',
    { models: [{ ...onCpu, binary: 'built' as const }], gain },
    /1\.62 times.*2\.00 times/,
  ],
  ['offers nothing where a GPU computes', { models: [{ ...onCpu, device: 'cuda' }] }, onlyName],
  ['offers nothing on Windows', { platform: 'win32' }, onlyName],
  ['says that a build was forbidden', { prebuilt: true }, /as asked$/],
])('the line about the binary %s', (_what, change, line) => {
  expect(binaryLine({ ...facts, ...change })).toMatch(line);
});

test('there is no line about the binary of another backend', () => {
  expect(binaryLine({ ...facts, models: [{ id: 'remote', device: null }] })).toBeNull();
});

test('the end of a build says what was compared, and where it is', () => {
  const record = { llamaCpp: 'v1', cpu: { model: 'Xeon', features: [] }, openMp: true };
  const result = {
    build: { folder: '/builds/one', record },
    compute: 'cpu',
    existed: false,
    refused: null,
    prebuiltFault: null,
    texts: { texts: 6, equal: 5, largestDifference: 0.01, fault: null },
    gain,
  } as unknown as Parameters<typeof resultLines>[0];
  expect(resultLines(result, { tookMs: 245_000 }).split('\n')).toEqual([
    'built llama.cpp v1 for Xeon in 4 min 5 s',
    "5 of 6 texts are the same as the prebuilt binary's; the others differ from two equally likely tokens on",
    'writes 1.62 times as fast as the prebuilt binary and reads 2.00 times, as measured',
    'kept in /builds/one; every command uses it from now on, and headway build --remove removes it',
    '',
  ]);
});
