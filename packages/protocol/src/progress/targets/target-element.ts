import { formatProgress } from '../format-progress.ts';
import { moodOf } from '../progress-outcome.ts';
import type { ProgressHook } from '../progress-hook.ts';

/** The part of an HTML `<progress>`, or of another object with `value` and `max`, that Headway uses. */
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
 * Fills the element during prefill, and again during decode if the request has a limit; else it is indeterminate. Sets
 * `aria-valuetext` to the status line, and for style sheets `data-phase` and, at the end, `data-mood` (`good`,
 * `stopped`, `failed`).
 */
export function elementHook(element: ValueElementLike): ProgressHook {
  const set = (value: number, max: number) => {
    // `max` first: elements cut a value that exceeds it.
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
