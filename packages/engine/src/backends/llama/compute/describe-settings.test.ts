import { expect, test } from 'vitest';

import { readComputeOptions, type ComputeOptions } from './compute-options.ts';
import { describeSettings } from './describe-settings.ts';

interface Situation {
  options?: ComputeOptions;
  warnings?: string[];
  gpu?: 'cuda' | false;
  supportsMlock?: boolean;
  gpuLayers?: number;
}

/** What is described of a model of 33 layers. */
function described({ options = {}, warnings = [], gpu = false, supportsMlock = true, gpuLayers = 0 }: Situation) {
  const settings = readComputeOptions(options);
  return describeSettings({
    instance: { gpu, supportsMlock },
    model: { gpuLayers, fileInsights: { totalLayers: 33 } },
    context: { flashAttention: settings.flashAttention },
    settings,
    warnings,
  });
}

test('what a model got is described without a notice', () => {
  expect(described({ options: { kvType: 'q8_0', gpuLayers: 12, mlock: true }, gpu: 'cuda', gpuLayers: 12 })).toEqual({
    compute: {
      keyType: 'q8_0',
      valueType: 'q8_0',
      flashAttention: true,
      batchSize: 512,
      gpuLayers: 12,
      layers: 33,
      locked: true,
    },
    notices: [],
  });
});

test.each([
  'resolve_fused_ops: Flash Attention not supported, set to disabled',
  'llama_init_from_model: flash_attn is not compatible with Grok - forcing off',
])('flash attention is off after: %s', (line) => {
  const { compute, notices } = described({ warnings: [line] });
  expect(compute.flashAttention).toBe(false);
  expect(notices).toEqual([]);
  expect(described({ options: { flashAttention: true }, warnings: [line] }).notices).toEqual([
    expect.stringMatching(/^flash attention is off, .*; leave out --flash-attn on$/),
  ]);
});

const refusal =
  "warning: failed to mlock 5271552-byte buffer (after previously locking 0 bytes): Cannot allocate memory\nTry increasing RLIMIT_MEMLOCK ('ulimit -l' as root).";

test.each<[string, Situation, RegExp]>([
  [
    'without the right to lock',
    { warnings: [refusal] },
    /RLIMIT_MEMLOCK\); raise it with ulimit -l, .*leave out --mlock$/,
  ],
  ['on a system that cannot lock', { supportsMlock: false }, /this system cannot; leave out --mlock$/],
])('weights are not locked %s, and a notice says so', (_, situation, notice) => {
  const { compute, notices } = described({ ...situation, options: { mlock: true } });
  expect(compute.locked).toBe(false);
  expect(notices).toEqual([expect.stringMatching(notice)]);
  expect(described(situation).notices).toEqual([]);
});

test('layers for a GPU that is not there are reported', () => {
  for (const gpuLayers of ['max', 8] as const)
    expect(described({ options: { gpuLayers } }).notices).toEqual([
      expect.stringMatching(/finds none here; leave out/),
    ]);
  for (const gpuLayers of ['auto', 0] as const) expect(described({ options: { gpuLayers } }).notices).toEqual([]);
});
