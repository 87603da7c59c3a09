import { createEngine, llama } from '@headway/engine';

import { openBareLoop } from './bare/bare-loop.ts';

export interface StreamsOptions {
  modelPath: string;
  threads: number;
  /** Concurrent streams. */
  streams: number;
  /** Tokens per stream. */
  tokens: number;
}

/** Concurrent streams on one of the two sides. */
export interface Streams {
  /** The sum of tokens per second while all streams write. */
  run(story: number): Promise<number>;
  close(): Promise<void>;
}

const contextSize = 2048;
const prompt = (story: number, stream: number) => `Tell me story ${story}.${stream}, a long one.`;

/** A bare loop over node-llama-cpp for each sequence of one context, which batches them itself. */
export async function openBareStreams({ modelPath, threads, streams, tokens }: StreamsOptions): Promise<Streams> {
  const loop = await openBareLoop({ model: modelPath, threads, sequences: streams, contextSize });
  return {
    async run(story) {
      const arrivals = loop.sequences.map((): number[] => []);
      for (const sequence of loop.sequences) await sequence.clearHistory();
      await Promise.all(
        loop.sequences.map((sequence, stream) =>
          loop.write(sequence, loop.tokenize(prompt(story, stream)), tokens, () =>
            arrivals[stream]?.push(performance.now()),
          ),
        ),
      );
      return tokensPerSecondTogether(arrivals);
    },
    close: () => loop.close(),
  };
}

export async function openHeadwayStreams({ modelPath, threads, streams, tokens }: StreamsOptions): Promise<Streams> {
  const backend = llama({ model: modelPath, threads, gpu: false });
  const engine = await createEngine({ backend, parallel: streams, contextSize });
  return {
    async run(story) {
      const arrivals = Array.from({ length: streams }, (): number[] => []);
      await Promise.all(
        arrivals.map(async (own, stream) => {
          const request = { prompt: prompt(story, stream), temperature: 0, maxTokens: tokens, ignoreEos: true };
          for await (const event of engine.generate(request)) {
            if (event.type === 'token') own.push(performance.now());
            if (event.type === 'error') throw new Error(event.message);
          }
        }),
      );
      return tokensPerSecondTogether(arrivals);
    },
    close: () => engine.close(),
  };
}

function tokensPerSecondTogether(arrivals: readonly number[][]): number {
  const from = Math.max(...arrivals.map((own) => own[0] ?? Number.NaN));
  const to = Math.min(...arrivals.map((own) => own.at(-1) ?? Number.NaN));
  const between = arrivals.flat().filter((at) => at > from && at <= to).length;
  return (between * 1000) / (to - from);
}
