import { storytellerPath } from '@headway/storyteller';
import { getLlama, LlamaCompletion, LlamaGrammar, LlamaLogLevel, type LlamaContext } from 'node-llama-cpp';

/** The embedded model with a context of one sequence. The caller disposes of `llama`. */
export async function openEmbeddedModel({ logLevel = LlamaLogLevel.error } = {}) {
  const llama = await getLlama({ gpu: false, build: 'never', logLevel, maxThreads: 1 });
  const model = await llama.loadModel({ modelPath: storytellerPath });
  const context = await model.createContext({ contextSize: 1024, sequences: 1, threads: 1 });
  return { llama, context };
}

export interface WriteOptions {
  prompt: string;
  maxTokens: number;
  seed: number;
}

/** Lets the model continue a prompt within a grammar, at temperature 1. `ended`: it wrote an end token. */
export async function writeInGrammar(
  context: LlamaContext,
  gbnf: string,
  { prompt, maxTokens, seed }: WriteOptions,
): Promise<{ text: string; ended: boolean }> {
  const completion = new LlamaCompletion({ contextSequence: context.getSequence(), autoDisposeSequence: true });
  try {
    const grammar = new LlamaGrammar(context.model.llama, { grammar: gbnf });
    const options = { grammar, maxTokens, temperature: 1, seed };
    const { response, metadata } = await completion.generateCompletionWithMeta(prompt, options);
    return { text: response, ended: metadata.stopReason === 'eogToken' };
  } finally {
    completion.dispose();
  }
}
