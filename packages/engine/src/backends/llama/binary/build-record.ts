import type { Cpu } from './this-cpu.ts';

/** What a build can compute on. */
export const buildComputes = ['cpu', 'cuda', 'metal', 'vulkan'] as const;

export type BuildCompute = (typeof buildComputes)[number];

/** How many times as fast as the prebuilt binary a build is, as measured: 2 is twice as fast. */
export interface BuildGain {
  decode: number;
  prefill: number;
}

/** What `build.json` in a build's folder says about it. */
export interface BuildRecord {
  /** The version of this format. */
  format: 1;
  /** Versions of node-llama-cpp and llama.cpp that the source belongs to. */
  nodeLlamaCpp: string;
  llamaCpp: string;
  platform: string;
  arch: string;
  /** The C library, as a binary of one does not load with another; null outside Linux. */
  libc: 'glibc' | 'musl' | null;
  compute: BuildCompute;
  /** The CPU whose instructions the binary contains. */
  cpu: Cpu;
  /** Whether threads are kept between two batches (OpenMP). */
  openMp: boolean;
  /** Time of the build, as ISO 8601. */
  builtAt: string;
  /** The file that Node loads. */
  addon: string;
  /** The files of the build, with their sizes in bytes. */
  files: Record<string, number>;
  /** Null where the prebuilt binary does not run, or when it was never measured. */
  gain: BuildGain | null;
}

/** Reads a record's text; null unless it is one of this format. */
export function readBuildRecord(text: string): BuildRecord | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const record = value as Partial<BuildRecord> | null;
  const whole =
    record?.format === 1 &&
    [record.nodeLlamaCpp, record.llamaCpp, record.platform, record.arch, record.builtAt].every(isText) &&
    isText(record.addon) &&
    buildComputes.some((compute) => compute === record.compute) &&
    isText(record.cpu?.model) &&
    Array.isArray(record.cpu.features) &&
    typeof record.files === 'object';
  return whole ? (record as BuildRecord) : null;
}

const isText = (value: unknown) => typeof value === 'string';

/** What decides whether a build can be used here. */
export interface Here {
  nodeLlamaCpp: string;
  platform: string;
  arch: string;
  libc: BuildRecord['libc'];
  cpu: Cpu;
}

const systemOf = ({ platform, arch, libc }: Pick<Here, 'platform' | 'arch' | 'libc'>) =>
  [platform, arch, libc].filter(Boolean).join(' ');

/** Whether a build is for this system and this CPU, in any version. */
export function isForSystem(record: BuildRecord, here: Here): boolean {
  return systemOf(record) === systemOf(here) && record.cpu.model === here.cpu.model;
}

/** Why a build must not be loaded here, phrased to follow "it"; null if it may. */
export function whyUnusable(record: BuildRecord, here: Here): string | null {
  if (record.nodeLlamaCpp !== here.nodeLlamaCpp)
    return `belongs to node-llama-cpp ${record.nodeLlamaCpp}, not to ${here.nodeLlamaCpp}`;
  if (systemOf(record) !== systemOf(here)) return `is for ${systemOf(record)}, not for ${systemOf(here)}`;
  if (record.cpu.model !== here.cpu.model) return `is for the CPU ${record.cpu.model}, not for ${here.cpu.model}`;
  const missing = record.cpu.features.filter((feature) => !here.cpu.features.includes(feature));
  if (missing.length > 0) return `has instructions that this CPU lacks (${missing.slice(0, 4).join(', ')})`;
  return null;
}
