import { runTimed } from './processor-time.ts';

export interface BareDecode {
  tokensPerSecond: number;
  /** Processor time a token, in ms. */
  cpuMs: number;
}

export interface BareDecodeOptions {
  model: string;
  threads: number;
  /** Sequences that are decoded in one batch. */
  streams: number;
  /** Tokens of each sequence. */
  tokens: number;
}

const promptTokens = 16;
const baseTokens = 8;
/** Context of a sequence that is left over. */
const spareTokens = 32;

/**
 * llama.cpp's speed without sampling, text and server. The processor time is the difference between a long and a short
 * run, so that loading and the prompt do not count.
 */
export async function bareDecode(batchedBench: string, options: BareDecodeOptions): Promise<BareDecode> {
  const { model, threads, streams, tokens } = options;
  const run = (write: number) => {
    // A second, small run: llama.cpp can lose a line that it logs right before it ends.
    const lengths = `${write},${baseTokens}`;
    const context = streams * (promptTokens + write + spareTokens);
    const sizes = ['-t', threads, '-c', context, '-npp', promptTokens, '-ntg', lengths, '-npl', streams].map(String);
    return runTimed(batchedBench, ['-m', model, ...sizes, '--output-format', 'jsonl']);
  };
  const short = await run(baseTokens);
  const long = await run(baseTokens + tokens);
  const line = long.stdout.split('\n').find((candidate) => candidate.startsWith('{'));
  const { speed_tg: tokensPerSecond } = JSON.parse(line ?? '{}') as { speed_tg?: number };
  if (tokensPerSecond === undefined) throw new Error(`llama-batched-bench printed no result:\n${long.stdout}`);
  return { tokensPerSecond, cpuMs: (long.cpuMs - short.cpuMs) / (streams * tokens) };
}
