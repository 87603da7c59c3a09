import type { Estimate, ModelInfo } from '@headway/client';
import { leastRoom, overflowOf } from '@headway/protocol';

import type { Forecast, OverflowingPrompt } from './forecast.ts';

/** What an estimate means for a model's context. What a remote model cannot tell is null, or said to be a guess. */
export function forecastOf(estimate: Estimate, model: ModelInfo | undefined, maxTokens: number | null): Forecast {
  const { tokens, cached, prefillMs, queuePosition } = estimate;
  const contextSize = model?.contextSize ?? null;
  const exact = model?.remote?.capabilities.tokenCounts ?? true;
  if (contextSize !== null && tokens + leastRoom > contextSize)
    return {
      state: 'over',
      tokens,
      exact,
      guessed: !exact,
      current: true,
      contextSize,
      over: tokens + leastRoom - contextSize,
      atLeast: false,
    };
  return {
    state: 'fits',
    tokens,
    exact,
    guessed: !exact,
    cached: (model?.remote?.capabilities.estimates ?? true) ? cached : null,
    prefillMs,
    queuePosition,
    contextSize,
    room: contextSize === null ? null : contextSize - tokens,
    maxTokens,
  };
}

/** The overflow that an error tells; null for other errors. */
export function overflowIn(error: { message: string; cause?: unknown }): OverflowingPrompt | null {
  const overflow = overflowOf(error);
  if (!overflow) return null;
  const { promptTokens: tokens, contextSize, atLeast = false } = overflow;
  const over = tokens + leastRoom - contextSize;
  return { state: 'over', tokens, exact: true, guessed: false, current: true, contextSize, over, atLeast };
}
