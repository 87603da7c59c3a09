import { duration, tokens as tokensInWords } from './quantities.ts';

/** The line that stands for a model's reasoning. `ms` is 0 until it is known. */
export function reasoningWords({ live, tokens, ms }: { live: boolean; tokens: number; ms: number }): string {
  const facts = tokens > 0 ? ` · ${tokensInWords(tokens)}` : '';
  if (live) return `Thinking${ms >= 1000 ? ` for ${Math.floor(ms / 1000)} s` : ''}${facts}`;
  return `${ms > 0 ? `Thought for ${duration(ms)}` : 'Its thoughts'}${facts}`;
}
