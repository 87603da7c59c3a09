import { createEngine, llama } from '@headway/engine';
import { getLlama, LlamaChat, LlamaLogLevel, resolveChatWrapper } from 'node-llama-cpp';

import { noEnd } from './bare-run.ts';

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

/** node-llama-cpp alone, with its own batching over the sequences of one context. */
export async function openBareStreams({ modelPath, threads, streams, tokens }: StreamsOptions): Promise<Streams> {
  const instance = await getLlama({ gpu: false, build: 'never', logLevel: LlamaLogLevel.error, maxThreads: threads });
  const model = await instance.loadModel({ modelPath });
  const context = await model.createContext({ contextSize, sequences: streams, threads, batchSize: 512 });
  const sequences = Array.from({ length: streams }, () => context.getSequence());
  const chatWrapper = resolveChatWrapper(model);
  const chats = sequences.map((contextSequence) => new LlamaChat({ contextSequence, chatWrapper }));
  const tokenBias = noEnd(model);
  return {
    async run(story) {
      const arrivals = chats.map((): number[] => []);
      for (const sequence of sequences) await sequence.clearHistory();
      await Promise.all(
        chats.map((chat, stream) =>
          chat.generateResponse([{ type: 'user', text: prompt(story, stream) }], {
            temperature: 0,
            topK: 40,
            topP: 0.95,
            minP: 0.05,
            repeatPenalty: false,
            maxTokens: tokens,
            tokenBias,
            onResponseChunk: () => arrivals[stream]?.push(performance.now()),
          }),
        ),
      );
      return tokensPerSecondTogether(arrivals);
    },
    close: () => instance.dispose(),
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
          const messages = [{ role: 'user' as const, content: prompt(story, stream) }];
          for await (const event of engine.generate({ messages, temperature: 0, maxTokens: tokens, ignoreEos: true })) {
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
