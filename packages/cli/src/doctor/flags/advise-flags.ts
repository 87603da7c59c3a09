import { availableParallelism } from 'node:os';

import { describeModelFile, resolveModel } from '@headway/engine';
import type { ComputeOptions } from '@headway/engine/compute';
import { abortable, HeadwayError } from '@headway/protocol';

import { findModel } from '../../models/find-model.ts';
import { chosenCompute, type ComputeFlags } from '../../options/compute-options.ts';
import type { Threads } from '../../options/threads-option.ts';
import { ok, warning, type Finding, type Section } from '../finding.ts';
import { flagCandidates, type TrialSettings } from './flag-candidates.ts';
import { judgeRatios, type FlagVerdict, type Ratio } from './judge-ratios.ts';
import { measureFlags, type FlagTrial } from './measure-flags.ts';
import { openTrialModel, type TrialSize } from './open-trial-model.ts';

export interface AdviseFlagsOptions extends ComputeFlags {
  model?: string | undefined;
  ctx?: number | undefined;
  threads?: Threads | undefined;
  /** Longest time for the trials, in seconds. */
  seconds: number;
  signal: AbortSignal;
  /** Called with what is tried now. */
  onTrial: (what: string) => void;
}

export interface FlagFacts {
  /** The settings that the flags are compared with. */
  base: TrialSettings | null;
  /** Tokens that each slice reads and writes. */
  slice: TrialSize | null;
  trials: (FlagTrial & {
    /** Memory of a slot, as a factor. */
    memory: number;
    /** Null when nothing was measured. */
    verdict: FlagVerdict | null;
  })[];
}

/**
 * Tries flags on this machine, and says which of them pay.
 *
 * @throws the signal's reason when it aborts; HeadwayError when the model does not load
 */
export async function adviseFlags({
  model,
  ctx,
  threads,
  seconds,
  signal,
  onTrial,
  ...flags
}: AdviseFlagsOptions): Promise<Section<FlagFacts>> {
  const given = { ...chosenCompute(flags), threads: typeof threads === 'number' ? both(threads) : threads };
  const path = await abortable(resolveModel(findModel(model), { download: false, signal }), signal);
  const file = await describeModelFile(path);
  onTrial('the model as it is');
  const began = performance.now();
  const base = await openTrialModel(path, given, { signal });
  try {
    const [info] = await base.engine.models();
    const counts = { decode: info?.threads ?? 1, prefill: info?.prefillThreads ?? info?.threads ?? 1 };
    const settings: TrialSettings = { ...given, threads: given.threads ?? counts };
    const trials = await measureFlags({
      base,
      candidates: flagCandidates({
        base: settings,
        got: { compute: info?.compute, device: info?.device ?? null },
        cores: availableParallelism(),
      }),
      budgetMs: seconds * 1000 - (performance.now() - began),
      open: async (tried) => {
        const opened = await openTrialModel(path, tried, { signal, size: base.size });
        const [got] = await opened.engine.models();
        if (got?.compute?.gpuLayers === info?.compute?.gpuLayers) return opened;
        await opened.close();
        throw new HeadwayError('model-load-failed', 'the GPU has no room for the model with it and without it at once');
      },
      signal,
      onTrial: (what, leftMs) => onTrial(`${what}, ${Math.ceil(leftMs / 1000)} s left at most`),
    });
    const context = ctx ?? file.trainContextSize ?? 4096;
    const slotBytes = (options: ComputeOptions) => file.contextBytes(context, options);
    const before = await slotBytes(settings);
    const judged: FlagFacts['trials'] = [];
    for (const trial of trials) {
      const memory = (await slotBytes(trial.settings)) / before;
      judged.push({ ...trial, memory, verdict: trial.speed && judgeRatios({ ...trial.speed, memory }) });
    }
    return {
      id: 'flags',
      title: `Flags, tried in turns with ${describeBase(settings)}`,
      findings: judged.map((trial) => flagFinding(trial, seconds)),
      facts: { base: settings, slice: base.size, trials: judged },
    };
  } finally {
    await base.close();
  }
}

const both = (count: number) => ({ decode: count, prefill: count });

function describeBase({ threads }: TrialSettings): string {
  return `what the model has now (--threads ${threads.decode === threads.prefill ? threads.decode : `${threads.decode},${threads.prefill}`})`;
}

const advice = {
  pays: 'pays here',
  trades: 'trades one for the other',
  costs: 'costs here',
  same: 'makes no difference beyond the noise',
  noisy: 'was measured on too busy a machine to tell',
} as const satisfies Record<FlagVerdict, string>;

/** `--kv-type q8_0 pays here: reads 1.01 × (0.97 to 1.03), writes 0.99 × (0.96 to 1.04), memory of a slot 0.72 ×`. */
export function flagFinding(
  trial: Pick<FlagFacts['trials'][number], 'flags' | 'speed' | 'problem' | 'memory' | 'verdict'>,
  seconds: number,
): Finding {
  const { flags, speed, problem, memory, verdict } = trial;
  if (problem !== null) return warning(`${flags} could not be tried with this model: ${problem}`);
  if (speed === null || verdict === null)
    return warning(`${flags} was not measured: the time was too short`, `give more time: --advise ${seconds * 3}`);
  const figures = `reads ${factor(speed.prefill)}, writes ${factor(speed.decode)}, memory of a slot ${memory.toFixed(2)} ×`;
  const what = `${flags} ${advice[verdict]}: ${figures}`;
  return verdict === 'noisy' ? warning(what, 'stop other programs, and try again') : ok(what);
}

function factor({ median, low, high }: Ratio): string {
  return `${median.toFixed(2)} × (${low.toFixed(2)} to ${high.toFixed(2)})`;
}
