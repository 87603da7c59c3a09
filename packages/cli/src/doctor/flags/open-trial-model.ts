import { createIsolatedEngine, type Engine } from '@headway/engine';

import { createSizedPrompts } from '../../bench/sized-prompts.ts';
import { generateToEnd } from '../../generator/generate-to-end.ts';
import type { TrialSettings } from './flag-candidates.ts';
import type { TrialModel } from './measure-flags.ts';

export interface TrialSize {
  /** Tokens of a slice's prompt. */
  read: number;
  /** Tokens that a slice writes. */
  write: number;
}

/** Tokens of context: room for the largest slice. */
const contextSize = 1024;

/** Sizes between which a slice is fitted to the model's speed. */
const bounds = { read: [64, 512], write: [8, 48] } as const;

/** Aimed at for each half of a slice, in ms. */
const halfMs = 250;

/**
 * Opens a model in a process of its own, where a setting that crashes ends nothing else. Without `size` the first
 * slices decide how long one is.
 *
 * @throws HeadwayError as `createIsolatedEngine`
 */
export async function openTrialModel(
  path: string,
  { threads, ...settings }: Partial<TrialSettings>,
  { signal, size }: { signal: AbortSignal; size?: TrialSize | undefined },
): Promise<TrialModel & { engine: Engine; size: TrialSize }> {
  const engine = await createIsolatedEngine({
    backend: { llama: { ...settings, model: path, threads } },
    parallel: 1,
    contextSize,
  });
  try {
    let run = 0;
    const generate = (prompt: string, maxTokens: number) => generateToEnd(engine, prompt, { maxTokens, signal });
    const promptOf = await createSizedPrompts(async (prompt) => (await generate(prompt, 1)).usage.promptTokens);
    const slice = async ({ read, write }: TrialSize) => {
      const { timings } = await generate(promptOf(read, run++), write);
      return { prefill: timings.prefillTokensPerSecond ?? 0, decode: timings.decodeTokensPerSecond ?? 0 };
    };
    const fitted = size ?? fit(await slice({ read: bounds.read[0], write: bounds.write[0] }));
    return { engine, size: fitted, slice: () => slice(fitted), close: () => engine.close() };
  } catch (thrown) {
    await engine.close();
    throw thrown;
  }
}

/** Sizes that take about as long as aimed at, for these speeds in tokens a second. */
export function fit({ prefill, decode }: { prefill: number; decode: number }): TrialSize {
  const within = ([least, most]: readonly [number, number], tokens: number) =>
    Math.round(Math.min(most, Math.max(least, tokens)));
  return {
    read: within(bounds.read, (prefill * halfMs) / 1000),
    write: within(bounds.write, (decode * halfMs) / 1000),
  };
}
