import { readComputeOptions, type ComputeOptions } from '@headway/engine/compute';
import type { ModelInfo } from '@headway/protocol';

/** The settings that a trial opens a model with. */
export interface TrialSettings extends ComputeOptions {
  threads: { decode: number; prefill: number };
}

/** Flags to try in place of what a model has now. */
export interface FlagCandidate {
  /** As typed: `--kv-type q8_0`. */
  flags: string;
  settings: TrialSettings;
}

export interface CandidateOptions {
  /** What the model computes with now. */
  base: TrialSettings;
  /** What it really got. */
  got: Pick<ModelInfo, 'compute' | 'device'>;
  /** Processor cores of this machine. */
  cores: number;
}

/** The flags worth trying, those first that differ most as a rule. Contradictions of the given flags are left out. */
export function flagCandidates({ base, got: { compute, device }, cores }: CandidateOptions): FlagCandidate[] {
  const onGpu = device !== null && device !== 'cpu' && (compute?.gpuLayers ?? 0) > 0;
  const flash = compute?.flashAttention ?? true;
  const batches = onGpu ? [1024, 2048] : [128];
  const counts = onGpu ? [] : [...new Set([cores, Math.ceil(cores / 2), 1])];
  const tried: (Omit<FlagCandidate, 'settings'> & { change: Partial<TrialSettings> })[] = [
    { flags: `--flash-attn ${flash ? 'off' : 'on'}`, change: { flashAttention: !flash } },
    ...(['q8_0', 'q4_0'] as const)
      .filter((type) => type !== compute?.keyType || type !== compute.valueType)
      .map((type) => ({ flags: `--kv-type ${type}`, change: { kvType: type } })),
    ...counts
      .filter((count) => count !== base.threads.decode || count !== base.threads.prefill)
      .map((count) => ({ flags: `--threads ${count}`, change: { threads: { decode: count, prefill: count } } })),
    ...batches
      .filter((size) => size !== compute?.batchSize)
      .map((size) => ({ flags: `--batch-size ${size}`, change: { batchSize: size } })),
  ];
  return tried
    .map(({ flags, change }) => ({ flags, settings: { ...base, ...change } }))
    .filter(({ settings }) => isPossible(settings));
}

function isPossible(settings: TrialSettings): boolean {
  try {
    readComputeOptions(settings);
    return true;
  } catch {
    return false;
  }
}
