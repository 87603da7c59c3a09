import {
  getLlama,
  LlamaLogLevel,
  TokenBias,
  type LlamaContext,
  type LlamaContextSequence,
  type LlamaModel,
  type Token,
} from 'node-llama-cpp';

export interface BareOptions {
  model: string;
  threads: number;
  /** Sequences that one batch may hold. */
  sequences: number;
  /** Context of a sequence, in tokens. */
  contextSize: number;
}

/** node-llama-cpp alone, without its chat classes: a loop over `evaluate` for each sequence. */
export interface BareLoop {
  sequences: readonly LlamaContextSequence[];
  tokenize(text: string): Token[];
  /** Writes this many of the likeliest tokens, no end among them. */
  write(sequence: LlamaContextSequence, prompt: Token[], tokens: number, onToken: () => void): Promise<void>;
  close(): Promise<void>;
}

export async function openBareLoop({
  model: modelPath,
  threads,
  sequences,
  contextSize,
}: BareOptions): Promise<BareLoop> {
  const instance = await getLlama({ gpu: false, build: 'never', logLevel: LlamaLogLevel.error, maxThreads: threads });
  const model = await instance.loadModel({ modelPath });
  const context: LlamaContext = await model.createContext({
    contextSize,
    sequences,
    threads,
    batchSize: 512 + sequences,
  });
  const tokenBias = noEnd(model);
  return {
    sequences: Array.from({ length: sequences }, () => context.getSequence()),
    tokenize: (text) => model.tokenize(text),
    async write(sequence, prompt, tokens, onToken) {
      let left = tokens;
      for await (const _ of sequence.evaluate(prompt, { temperature: 0, tokenBias, yieldEogToken: true })) {
        onToken();
        if (--left === 0) break;
      }
    },
    close: () => instance.dispose(),
  };
}

/** A bias against all end-of-generation tokens, so that all sides write the same number of tokens. */
function noEnd(model: LlamaModel): TokenBias {
  const bias = TokenBias.for(model);
  const { _biases: biases } = bias as unknown as { _biases: Map<Token, number> };
  for (const token of model.iterateAllTokens())
    if (model.isEogToken(token)) biases.set(token, Number.NEGATIVE_INFINITY);
  return bias;
}
