import type { SpanProgress } from '@headway/protocol';

import type { PromptSpan } from './prompt-span.ts';
import { withAnyToken, type TokenRange } from './token-range.ts';

/** Prompt tokens as a prefill reports them. */
export interface Reading {
  processed: number;
  cached: number;
  total: number;
}

/**
 * How far each span of a prompt is read. `promptTotal`: the prompt's tokens when its spans were placed, where a server has
 * told another number since.
 */
export function spanReadings(
  spans: readonly PromptSpan[],
  { processed, cached, total }: Reading,
  promptTotal = total,
): SpanProgress[] {
  const scale = total / Math.max(1, promptTotal);
  return spans.map(({ name, estimated, ...span }, at) => {
    const { from, to } = scale === 1 ? span : scaled(span, scale, total);
    const within = (position: number) => Math.max(0, Math.min(position, to) - from);
    return {
      name,
      number: at + 1,
      of: spans.length,
      processed: within(processed),
      cached: within(cached),
      total: Math.max(0, to - from),
      ...(estimated && { estimated }),
    };
  });
}

function scaled({ from, to }: TokenRange, scale: number, total: number): TokenRange {
  return withAnyToken({ from: Math.round(from * scale), to: Math.round(to * scale) }, total);
}
