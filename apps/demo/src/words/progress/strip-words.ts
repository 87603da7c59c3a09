import type { GenerationState } from '@headway/client/react';

import { count, duration, rate } from '../quantities.ts';

/** A part of the strip: tokens of one kind, in the order in which they came. */
export interface StripPart {
  tone: 'cached' | 'read' | 'rest' | 'written';
  tokens: number;
  /** `read 2,896` */
  text: string;
  /** `in 3.1 s`; empty while unknown. */
  detail: string;
}

/** A shorter time, in ms, would show as none. */
const noticed = 10;

type Figures = Pick<
  GenerationState,
  'prefill' | 'usage' | 'timings' | 'completionTokens' | 'tokensPerSecond' | 'stalledMs'
>;

/**
 * The tokens of an answer that were cached, read and written so far, and those that an answer which ended early left unread.
 * Parts without tokens are left out. A stall has no rate.
 */
export function stripParts(answer: Figures): StripPart[] {
  const { prefill, usage, completionTokens, tokensPerSecond, stalledMs } = answer;
  // In the queue, `cached` is a forecast.
  const cached = usage?.cachedTokens ?? (prefill?.phase === 'prefill' ? prefill.cached : 0) ?? 0;
  const read = readTokens(answer);
  const about = prefill?.estimated ? 'about ' : '';
  const ms = readingMs(answer);
  const unread = usage ? (usage.promptTotal ?? usage.promptTokens) - usage.promptTokens : 0;
  if (usage && usage.promptTokens === 0 && completionTokens === 0) return [];
  const parts: StripPart[] = [
    { tone: 'cached', tokens: cached, text: `cached ${about}${count(cached)}`, detail: '' },
    {
      tone: 'read',
      tokens: read,
      text: `read ${about}${count(read)}`,
      detail: ms === null || ms < noticed ? '' : `in ${duration(ms)}`,
    },
    { tone: 'rest', tokens: unread, text: `${about}${count(unread)} not read`, detail: '' },
    {
      tone: 'written',
      tokens: completionTokens,
      text: `wrote ${count(completionTokens)}`,
      detail: tokensPerSecond === null || stalledMs !== null ? '' : `at ${rate(tokensPerSecond)} tokens/s`,
    },
  ];
  return parts.filter(({ tokens }) => tokens > 0);
}

/** Prompt tokens that were read, not reused. */
export function readTokens({ prefill, usage }: Pick<Figures, 'prefill' | 'usage'>): number {
  if (usage) return Math.max(0, usage.promptTokens - usage.cachedTokens);
  return prefill?.phase === 'prefill' ? Math.max(0, (prefill.processed ?? 0) - (prefill.cached ?? 0)) : 0;
}

/** The time of reading, in ms, without the time in which other prompts were read; null while unknown. */
export function readingMs(answer: Pick<Figures, 'prefill' | 'usage' | 'timings'>): number | null {
  const { prefill, timings } = answer;
  const perSecond = timings?.prefillTokensPerSecond ?? prefill?.tokensPerSecond ?? null;
  if (perSecond === null || perSecond === 0) return null;
  // The rate may leave out the last token, which decoding evaluates: for a few tokens that matters.
  const byRate = (readTokens(answer) / perSecond) * 1000;
  return timings ? Math.min(byRate, timings.prefillMs) : byRate;
}
