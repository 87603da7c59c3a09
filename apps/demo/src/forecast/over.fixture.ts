import type { OverflowingPrompt } from './forecast.ts';

/** A prompt that is 1,200 tokens too long. */
export const over: OverflowingPrompt = {
  state: 'over',
  tokens: 9390,
  exact: true,
  guessed: false,
  current: true,
  over: 1200,
  contextSize: 8192,
  atLeast: false,
};
