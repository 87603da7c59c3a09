import {
  getLlama,
  LlamaChat,
  LlamaLogLevel,
  resolveChatWrapper,
  TokenBias,
  type ChatHistoryItem,
  type LlamaModel,
  type Token,
} from 'node-llama-cpp';

import type { Run } from './run.ts';

/** The baseline: node-llama-cpp alone, used as a hand-written program would. */
export async function openBare(modelPath: string, threads: number, contextSize: number) {
  const instance = await getLlama({ gpu: false, build: 'never', logLevel: LlamaLogLevel.error, maxThreads: threads });
  const model = await instance.loadModel({ modelPath });
  const context = await model.createContext({ contextSize, sequences: 1, threads, batchSize: 512 });
  const sequence = context.getSequence();
  const chatWrapper = resolveChatWrapper(model);
  const chat = new LlamaChat({ contextSequence: sequence, chatWrapper });
  const tokenBias = noEnd(model);
  return {
    /** `chunkEnds`: the prompt position after each chunk; the first one is 0. */
    async run(text: string, maxTokens: number, chunkEnds: readonly number[]): Promise<Run> {
      await sequence.clearHistory();
      const history: ChatHistoryItem[] = [
        { type: 'user', text },
        { type: 'model', response: [] },
      ];
      const tokens = chatWrapper.generateContextState({ chatHistory: history }).contextText.tokenize(model.tokenizer);
      const cpu = process.cpuUsage();
      const start = performance.now();
      for (const [at, end] of chunkEnds.entries()) {
        const chunk = tokens.slice(chunkEnds[at - 1] ?? 0, Math.min(end, tokens.length - 1));
        if (chunk.length > 0) await sequence.evaluateWithoutGeneratingNewTokens(chunk);
      }
      const prefillMs = performance.now() - start;
      const arrivals: number[] = [];
      await chat.generateResponse(history, {
        temperature: 0,
        topK: 40,
        topP: 0.95,
        minP: 0.05,
        repeatPenalty: false,
        maxTokens,
        tokenBias,
        onResponseChunk: () => arrivals.push(performance.now()),
      });
      return {
        prefillMs,
        cpuMs: cpuMsSince(cpu),
        promptTokens: tokens.length,
        ...decodeRate(arrivals),
        chunkEnds: [...chunkEnds],
      };
    },
    close: () => instance.dispose(),
  };
}

/** A bias against all end-of-generation tokens, so that both sides write the same number of tokens. */
export function noEnd(model: LlamaModel): TokenBias {
  const bias = TokenBias.for(model);
  const { _biases: biases } = bias as unknown as { _biases: Map<Token, number> };
  for (const token of model.iterateAllTokens())
    if (model.isEogToken(token)) biases.set(token, Number.NEGATIVE_INFINITY);
  return bias;
}

export function cpuMsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** Tokens per second from the first token's arrival to the last one's. */
export function decodeRate(arrivals: readonly number[]): Pick<Run, 'tokens' | 'tokensPerSecond'> {
  const first = arrivals[0] ?? 0;
  const last = arrivals.at(-1) ?? 0;
  return { tokens: arrivals.length, tokensPerSecond: ((arrivals.length - 1) * 1000) / (last - first) };
}
