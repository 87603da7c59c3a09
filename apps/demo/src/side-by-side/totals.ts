import type { GenerationState } from '@headway/client/react';

/** What several answers come to. */
export interface Totals {
  answers: number;
  /** Answers that write now. */
  writing: number;
  /** Answers that ended without an error. */
  done: number;
  failed: number;
  completionTokens: number;
  /** Tokens per second of all that write now; null while none has a rate. */
  tokensPerSecond: number | null;
  /** Tokens of the longest answer. */
  longest: number;
}

type Part = Pick<GenerationState, 'state' | 'completionTokens' | 'tokensPerSecond'>;

export function totalsOf(answers: readonly Part[]): Totals {
  const writing = answers.filter(({ state }) => state === 'decode');
  const rates = writing.flatMap(({ tokensPerSecond }) => tokensPerSecond ?? []);
  return {
    answers: answers.length,
    writing: writing.length,
    done: answers.filter(({ state }) => state === 'done').length,
    failed: answers.filter(({ state }) => state === 'error').length,
    completionTokens: answers.reduce((sum, { completionTokens }) => sum + completionTokens, 0),
    tokensPerSecond: rates.length === 0 ? null : rates.reduce((sum, rate) => sum + rate, 0),
    longest: Math.max(0, ...answers.map(({ completionTokens }) => completionTokens)),
  };
}
