import { passage } from '../passage.ts';
import { ask } from './ask.ts';

/** Prompts that differ from the first word on, so that no cache helps. */
export interface Prompts {
  short(): string;
  /** Of about this many tokens, the chat template's included. */
  ofTokens(tokens: number): string;
}

const sampleWords = 200;

/** Learns from a server how many tokens a word takes. Every server is given the same prompts in the same order. */
export async function createPrompts(url: string): Promise<() => Prompts> {
  const { promptTokens } = await ask(url, passage(sampleWords, 0), { maxTokens: 1 });
  const perWord = promptTokens / sampleWords;
  return () => {
    let number = 1;
    return {
      short: () => `${number++}. Tell me a story.`,
      ofTokens: (tokens) => passage(Math.round(tokens / perWord), number++),
    };
  };
}
