import { formatProgress } from '../format-progress.ts';
import { moodOf } from '../progress-outcome.ts';
import type { ProgressHook } from '../progress-hook.ts';

/** What is used of an HTML `<progress>`, or of anything else with `value` and `max`. */
export interface ValueElementLike {
  value: number;
  max: number;
  removeAttribute?(name: string): void;
  setAttribute?(name: string, value: string): void;
}

export function isValueElement(target: unknown): target is ValueElementLike {
  return typeof target === 'object' && target !== null && 'value' in target && 'max' in target;
}

/**
 * Fills as the prompt is read, then again as the answer is written, if the request has a limit. Where nothing is known
 * it is indeterminate. `aria-valuetext` says it in words, `data-phase` and, at the end, `data-mood` (`good`, `stopped`,
 * `failed`) are there for style sheets.
 */
export function elementHook(element: ValueElementLike): ProgressHook {
  const set = (value: number, max: number) => {
    // In this order: a value beyond the maximum is cut.
    element.max = max;
    element.value = value;
  };
  return (snapshot) => {
    const { phase, prompt, completionTokens, maxTokens } = snapshot;
    const mood = moodOf(snapshot);
    element.setAttribute?.('aria-valuetext', formatProgress(snapshot));
    element.setAttribute?.('data-phase', phase);
    if (mood !== null) element.setAttribute?.('data-mood', mood);
    if (mood === 'good') set(1, 1);
    else if (phase === 'prefill' && prompt) set(prompt.processed, prompt.total);
    else if (phase === 'decode' && maxTokens !== null) set(completionTokens, maxTokens);
    else if (mood === null) element.removeAttribute?.('value');
  };
}
