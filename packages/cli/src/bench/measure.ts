import type { DoneEvent } from '@headway/protocol';

import { generateToEnd } from '../generator/generate-to-end.ts';
import type { TextGenerator } from '../generator/text-generator.ts';
import { createSizedPrompts } from './sized-prompts.ts';

/** Medians over the runs of one prompt size. */
export interface Measurement {
  promptTokens: number;
  prefillTokensPerSecond: number;
  decodeTokensPerSecond: number;
  timeToFirstTokenMs: number;
}

export interface MeasureOptions {
  sizes: readonly number[];
  /** Tokens to decode in each run. */
  write: number;
  repeat: number;
  signal: AbortSignal;
  /** Called before each run. */
  onRun: (run: number, runs: number) => void;
}

/** Measures a model at several prompt sizes, after one warm-up run. */
export async function measure(
  generator: TextGenerator,
  { sizes, write, repeat, signal, onRun }: MeasureOptions,
): Promise<Measurement[]> {
  const one = (prompt: string, maxTokens: number) => generateToEnd(generator, prompt, { maxTokens, signal });
  const promptOf = await createSizedPrompts(async (prompt) => (await one(prompt, 1)).usage.promptTokens);
  const measured: Measurement[] = [];
  for (const [at, size] of sizes.entries()) {
    const runs: DoneEvent[] = [];
    for (let run = 0; run < repeat; run++) {
      onRun(at * repeat + run + 1, sizes.length * repeat);
      runs.push(await one(promptOf(size, at * repeat + run), write));
    }
    measured.push(summarise(runs));
  }
  return measured;
}

function summarise(runs: readonly DoneEvent[]): Measurement {
  const of = (read: (run: DoneEvent) => number | null) => median(runs.map((run) => read(run) ?? 0));
  return {
    promptTokens: of(({ usage }) => usage.promptTokens),
    prefillTokensPerSecond: of(({ timings }) => timings.prefillTokensPerSecond),
    decodeTokensPerSecond: of(({ timings }) => timings.decodeTokensPerSecond),
    timeToFirstTokenMs: of(({ timings }) => timings.timeToFirstTokenMs),
  };
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}
