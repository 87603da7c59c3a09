import { availableParallelism } from 'node:os';

import type { BuildGain } from '../../binary/build-record.ts';
import type { Build } from '../../binary/builds-folder.ts';
import { threadCandidates } from '../../threads/thread-trials.ts';
import { gainOf, isHopeful, type SpeedSample } from './compare-speed.ts';
import { compareTexts, type TextComparison } from './compare-texts.ts';
import type { TextTask, WrittenStep } from './trial-messages.ts';
import { TrialProcess } from './trial-process.ts';

export interface VerifyOptions {
  /** A model whose texts are compared. */
  textModel: string;
  /** A model whose speed is measured. */
  speedModel: string;
  signal: AbortSignal;
  /** Node flags for the processes. @default this process's */
  execArgv?: readonly string[] | undefined;
  onProgress?: (progress: { step: 'texts' | 'speed'; share: number }) => void;
}

export interface Verified {
  /** Null where the prebuilt binary does not run. */
  texts: TextComparison | null;
  /** Null where the prebuilt binary does not run, or does not load the model for speed. */
  gain: BuildGain | null;
  /** Why something was not compared; null if all was. */
  prebuiltFault: string | null;
}

const textTokens = 48;

const prompts = [
  'Once upon a time there was a fox',
  'The owl looked at the old map and said',
  'It rained for three days. On the fourth day',
  'Tom and Mia found a key under the stone. The key was small and made of brass, and nobody knew what it opened.',
  'A list of things in the harbour: ropes, nets,',
  'Good night, said the bear, and',
];

/** Rounds of timing; in each, both binaries do each kind of work with each count of threads. */
const rounds = 7;
const timedTokens = { decode: 8, prefill: 128 } as const;

/**
 * Loads a build and the prebuilt binary, each in a process of its own, and compares their texts and their speed.
 *
 * @throws Error when the build does not load or crashes; the signal's reason when it aborts
 */
export async function verifyBuild(
  build: Build,
  { textModel, speedModel, signal, execArgv, onProgress }: VerifyOptions,
): Promise<Verified> {
  const built = new TrialProcess({ signal, execArgv });
  const prebuilt = new TrialProcess({ signal, execArgv });
  try {
    const { compute } = build.record;
    const counts =
      compute === 'cpu' ? threadCandidates(availableParallelism()) : [threadCandidates(availableParallelism())[0] ?? 1];
    const most = Math.max(...counts);
    const openAll = async (model: string): Promise<string | null> => {
      await built.ask({ kind: 'open', binary: build, compute, model, threads: most });
      try {
        await prebuilt.ask({ kind: 'open', binary: 'prebuilt', compute, model, threads: most });
        return null;
      } catch (thrown) {
        signal.throwIfAborted();
        return thrown instanceof Error ? thrown.message : String(thrown);
      }
    };

    onProgress?.({ step: 'texts', share: 0 });
    const prebuiltFault = await openAll(textModel);
    const ours: WrittenStep[][] = [];
    const theirs: WrittenStep[][] = [];
    for (const [at, prompt] of prompts.entries()) {
      // Sums of one thread and of several differ in nothing, so both counts are tried in turn.
      const task = { kind: 'write', prompt, tokens: textTokens, threads: counts[at % counts.length] ?? 1 } as const;
      ours.push(await built.ask<WrittenStep[]>(task satisfies TextTask));
      if (prebuiltFault === null) theirs.push(await prebuilt.ask<WrittenStep[]>(task));
      onProgress?.({ step: 'texts', share: (at + 1) / prompts.length });
    }
    if (prebuiltFault !== null) return { texts: null, gain: null, prebuiltFault };

    onProgress?.({ step: 'speed', share: 0 });
    const speedFault = await openAll(speedModel);
    if (speedFault !== null) return { texts: compareTexts(ours, theirs), gain: null, prebuiltFault: speedFault };
    const samples: SpeedSample[] = [];
    for (let round = 0; round <= rounds; round++) {
      const both = [
        { binary: 'prebuilt', of: prebuilt },
        { binary: 'built', of: built },
      ] as const;
      for (const threads of counts) {
        for (const work of ['decode', 'prefill'] as const) {
          // In turns, so that both meet the same load.
          for (const { binary, of } of round % 2 ? both : both.toReversed()) {
            if (!isHopeful(samples, { binary, work, threads })) continue;
            const ms = await of.ask<number>({ kind: 'time', work, threads, tokens: timedTokens[work] });
            // The first round warms both up.
            if (round > 0) samples.push({ binary, work, threads, ms });
          }
        }
      }
      onProgress?.({ step: 'speed', share: round / rounds });
    }
    return { texts: compareTexts(ours, theirs), gain: gainOf(samples), prebuiltFault: null };
  } finally {
    await built[Symbol.asyncDispose]();
    await prebuilt[Symbol.asyncDispose]();
  }
}
