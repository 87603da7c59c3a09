import type { PrefillEvent } from '@headway/client';

import { count, timeToGo, tokens } from './quantities.ts';

/** How much of the model is loaded, from 0 to 99: more follows when the weights are there. Null while unknown. */
export function percentLoaded(prefill: PrefillEvent | null): number | null {
  const loaded = prefill?.phase === 'loading' ? prefill.loaded : undefined;
  return loaded === undefined ? null : Math.min(99, Math.floor(loaded * 100));
}

/** What a prompt is doing. `waiting`: other prompts are read first, which is no progress of this one. */
export type PromptStage = 'sending' | 'loading' | 'queued' | 'waiting' | 'prefill';

export function promptStage(prefill: PrefillEvent | null): PromptStage {
  if (!prefill) return 'sending';
  return prefill.phase === 'prefill' && prefill.waiting ? 'waiting' : prefill.phase;
}

/** How much of the prompt is read, from 0 to 100, rounded down: 100 means all of it. */
export function percent({ processed, total }: PrefillEvent): number {
  return processed === null || !total ? 0 : Math.floor((processed / total) * 100);
}

/** The prompt's stage in a few words, for the panel's title and for screen readers. */
export function prefillTitle(prefill: PrefillEvent | null): string {
  const stage = promptStage(prefill);
  switch (stage) {
    case 'sending':
      return 'Sending the prompt';
    case 'loading':
      return 'Loading the model';
    case 'queued': {
      const place = prefill?.queuePosition ?? null;
      if (place === null) return 'Waiting at the server';
      return place === 1 ? 'Next in the queue' : `Queued at place ${count(place)}`;
    }
    case 'waiting':
      return 'Waiting for its turn';
    case 'prefill':
      return 'Reading the prompt';
    default:
      return stage satisfies never;
  }
}

/** The line under the title. */
export function prefillDetail(prefill: PrefillEvent | null): string {
  if (!prefill) return 'to the gateway';
  const stage = promptStage(prefill);
  switch (stage) {
    case 'sending':
    case 'loading':
      return 'Then the prompt is read';
    case 'queued': {
      if (prefill.queuePosition === null) return 'Other requests are before yours there';
      const before = prefill.queuePosition - 1;
      if (before === 0) return 'Starts when a slot is free';
      return before === 1 ? 'One request is before yours' : `${count(before)} requests are before yours`;
    }
    case 'waiting': {
      const ahead = prefill.waiting?.ahead ?? 0;
      return ahead === 1 ? 'Another prompt is read first' : `${count(ahead)} others are read first`;
    }
    case 'prefill':
      return `${prefill.estimated ? 'about ' : ''}${count(prefill.processed ?? 0)} of ${tokens(prefill.total ?? 0)}`;
    default:
      return stage satisfies never;
  }
}

/** The bar's value in one sentence, for `aria-valuetext`. */
export function prefillValueText(prefill: PrefillEvent): string {
  const { processed, total, cached, etaMs } = prefill;
  const loaded = percentLoaded(prefill);
  if (loaded !== null) return `${prefillTitle(prefill)}, ${loaded} percent`;
  if (promptStage(prefill) !== 'prefill' || processed === null || total === null) {
    return `${prefillTitle(prefill)}. ${prefillDetail(prefill)}`;
  }
  const parts = [`${percent(prefill)} percent`, `${count(processed)} of ${tokens(total)} read`];
  if (cached) parts.push(`${count(cached)} from cache`);
  if (etaMs) parts.push(`${timeToGo(etaMs)} to go`);
  return parts.join(', ');
}
