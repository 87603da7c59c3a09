import type { BuildRecord, Here } from './build-record.ts';
import type { Build } from './builds-folder.ts';

export const here: Here = {
  nodeLlamaCpp: '3.22.1',
  platform: 'linux',
  arch: 'x64',
  libc: 'glibc',
  cpu: { model: 'Xeon', features: ['avx2', 'fma'] },
};

/** A build for the machine `here`, on the CPU. */
export function sampleBuild(record: Partial<BuildRecord> = {}): Build {
  return {
    folder: `/builds/${record.compute ?? 'cpu'}`,
    record: {
      format: 1,
      llamaCpp: 'v0.5.0',
      compute: 'cpu',
      openMp: true,
      addon: 'llama-addon.node',
      files: {},
      ...here,
      builtAt: '2026-11-29T12:00:00.000Z',
      gain: { decode: 1.6, prefill: 2.1 },
      ...record,
    },
  };
}
