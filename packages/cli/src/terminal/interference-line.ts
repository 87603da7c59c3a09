import type { ModelInfo } from '@headway/protocol';

/** `reading prompts delays other answers by up to 84 ms (64 tokens took 61 ms, budget 80 ms, a written one 3.1 ms)`; null if unknown. */
export function interferenceLine({ interference }: Pick<ModelInfo, 'interference'>): string | null {
  if (!interference) return null;
  const { budgetMs, chunkTokens, chunkMs, decodeMs, gapMs } = interference;
  const step = decodeMs === null ? '' : `, a written one ${ms(decodeMs)}`;
  return `reading prompts delays other answers by up to ${ms(gapMs)} (${chunkTokens} tokens took ${ms(chunkMs)}, budget ${ms(budgetMs)}${step})`;
}

const ms = (value: number) => `${value < 10 ? value.toFixed(1) : Math.round(value).toLocaleString('en')} ms`;
