import type { GenerationState } from '@headway/client/react';

import { finishWords } from '../words/finish-words.ts';
import { percent, prefillTitle } from '../words/prefill-words.ts';
import { rate, tokens } from '../words/quantities.ts';
import type { Totals } from './totals.ts';

/** `4 answers`, `120 tokens`, `82.4 tokens/s together`, `3 writing`, `1 done` */
export function totalsParts(totals: Totals): string[] {
  const { answers, writing, done, failed, completionTokens, tokensPerSecond } = totals;
  return [
    `${answers} answers`,
    completionTokens > 0 ? tokens(completionTokens) : '',
    tokensPerSecond === null ? '' : `${rate(tokensPerSecond)} tokens/s together`,
    writing > 0 ? `${writing} writing` : '',
    done > 0 ? `${done} done` : '',
    failed > 0 ? `${failed} failed` : '',
  ].filter(Boolean);
}

/** What one of the answers does, such as `reading, 40 %`. */
export function cardState(answer: Pick<GenerationState, 'state' | 'prefill' | 'finishReason' | 'stopping'>): string {
  const { state, prefill, finishReason, stopping } = answer;
  if (stopping) return 'stopping';
  switch (state) {
    case 'prefill':
      return prefill && !prefill.waiting ? `reading, ${percent(prefill)} %` : prefillTitle(prefill).toLowerCase();
    case 'idle':
    case 'connecting':
    case 'queued':
    case 'loading':
      return prefillTitle(prefill).toLowerCase();
    case 'decode':
      return 'writing';
    case 'done':
      return finishReason === null ? 'done' : finishWords[finishReason];
    case 'error':
      return 'failed';
    default:
      return state satisfies never;
  }
}
