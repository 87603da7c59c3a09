import { runTimed, type Finished } from './processor-time.ts';

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
/** It can end before its log's thread has written the result. */
const mostTries = 12;
/** Context of a sequence that is left over. */
const spareTokens = 32;

/**
 * llama.cpp's speed without sampling, text and server. The processor time is the difference between a long and a short
 * run, so that loading and the prompt do not count.
 */
export async function bareDecode(batchedBench: string, options: BareDecodeOptions): Promise<BareDecode> {
  const { model, threads, streams, tokens } = options;
  const run = (write: number) => {
    const context = streams * (promptTokens + write + spareTokens);
    const sizes = ['-t', threads, '-c', context, '-npp', promptTokens, '-ntg', write, '-npl', streams].map(String);
    return runTimed(batchedBench, ['-m', model, ...sizes, '--output-format', 'jsonl']);
  };
  const short = await run(baseTokens);
  let [long, line]: [Finished | null, string | undefined] = [null, undefined];
  for (let tries = 0; line === undefined && tries < mostTries; tries++) {
    long = await run(baseTokens + tokens);
    line = long.stdout.split('\n').find((candidate) => candidate.startsWith('{'));
  }
  if (!long || line === undefined) throw new Error(`llama-batched-bench printed no result in ${mostTries} runs`);
  const { speed_tg: tokensPerSecond } = JSON.parse(line) as { speed_tg: number };
  return { tokensPerSecond, cpuMs: (long.cpuMs - short.cpuMs) / (streams * tokens) };
}
