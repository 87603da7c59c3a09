import { type DoneEvent, foreignText } from '@headway/protocol';

import { colorsFor } from '../terminal/stream-colors.ts';
import { wrapFor } from '../terminal/word-wrap.ts';

/** Prints a generation's token counts and rates, dim, if stderr is a terminal. */
export function showFacts(event: DoneEvent): void {
  const { stderr } = process;
  if (stderr.isTTY) stderr.write(`${colorsFor(stderr).dim(wrapFor(stderr, generationFacts(event)))}\n`);
}

/**
 * A generation's token counts and rates in one line: `Read 3,012 tokens (1,200 cached) at 381/s, wrote 120 at 44.1/s, first
 * after 4.8 s`. One that ended during prefill begins with `Read 17 of 3,992 tokens`.
 */
export function generationFacts({ usage, timings, finishReason }: DoneEvent): string {
  const { promptTokens, promptTotal = promptTokens, cachedTokens, completionTokens } = usage;
  const { prefillTokensPerSecond, decodeTokensPerSecond, timeToFirstTokenMs } = timings;
  const cached = cachedTokens > 0 ? ` (${cachedTokens.toLocaleString('en')} cached)` : '';
  const ofAll = promptTokens < promptTotal ? ` of ${promptTotal.toLocaleString('en')}` : '';
  const facts = [
    `Read ${promptTokens.toLocaleString('en')}${ofAll} tokens${cached}${rate(prefillTokensPerSecond)}`,
    `wrote ${completionTokens.toLocaleString('en')}${rate(decodeTokensPerSecond)}`,
    timeToFirstTokenMs !== null && `first after ${seconds(timeToFirstTokenMs)}`,
    finishReason === 'length' && 'cut off at the limit',
    finishReason === 'cancelled' && 'stopped',
  ];
  // A gateway may send anything in place of a number.
  return foreignText(facts.filter((fact) => fact !== false).join(', '));
}

const rate = (perSecond: number | null) => (perSecond === null ? '' : ` at ${formatRate(perSecond)}/s`);

/** Formats tokens a second, with one decimal below 100. */
export function formatRate(perSecond: number): string {
  return perSecond.toLocaleString('en', { maximumFractionDigits: perSecond < 100 ? 1 : 0 });
}

const seconds = (ms: number) => (ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`);
