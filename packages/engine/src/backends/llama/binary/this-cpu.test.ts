import { expect, it } from 'vitest';

import { readCpuInfo, thisCpu } from './this-cpu.ts';

const intel = [
  'processor\t: 0',
  'model name\t: Intel(R) Xeon(R) Gold 6454S',
  'flags\t\t: fpu vme pti avx2 avx512f amx_int8 fma rdrand sse4_2 arch_capabilities',
  '',
  'processor\t: 1',
  'model name\t: another',
  'flags\t\t: avx',
].join('\n');

it('keeps the first CPU’s model and its instructions, and leaves out what a new kernel may change', () => {
  expect(readCpuInfo(intel, '')).toEqual({
    model: 'Intel(R) Xeon(R) Gold 6454S',
    features: ['amx_int8', 'avx2', 'avx512f', 'fma', 'fpu', 'sse4_2'].toSorted(),
  });
});

it('reads an Arm CPU, which has numbers in place of a name', () => {
  const arm =
    'processor\t: 0\nFeatures\t: fp asimd evtstrm i8mm sve cpuid\nCPU implementer\t: 0x41\nCPU part\t: 0xd40\n';
  expect(readCpuInfo(arm, '')).toEqual({ model: '0x41 0xd40', features: ['asimd', 'fp', 'i8mm', 'sve'] });
});

it('takes the system’s name where there is no such file', () => {
  expect(readCpuInfo('', 'Apple M2')).toEqual({ model: 'Apple M2', features: [] });
  expect(readCpuInfo('', '')).toEqual({ model: 'unknown', features: [] });
});

it('knows this machine’s CPU', async () => {
  const { model, features } = await thisCpu();
  expect(model).not.toBe('');
  expect(features.length).toBeGreaterThan(process.platform === 'linux' ? 3 : -1);
});
