import type { GenerationEvent, TokenEvent } from '../schema/events/event.ts';

/**
 * Merges neighbouring events for a viewer that reads too slowly: prefill events become the latest of them, span events
 * the latest of each span, token events of one choice and channel become one. Events of different choices, channels or tool calls are never merged. Texts,
 * counts and log-probabilities stay complete, each choice keeps its order, and `seq` ascends.
 */
export function mergeEvents(events: readonly GenerationEvent[]): GenerationEvent[] {
  const merged: (GenerationEvent | null)[] = [];
  /** The place in `merged` of the last event of each choice, and of the last prefill and span events. */
  const lastOf = new Map<number, number>();
  for (const event of events) {
    const row = rowOf(event);
    const at = lastOf.get(row);
    const before = at === undefined ? undefined : merged[at];
    const folded = before && fold(before, event);
    if (at !== undefined && folded) merged[at] = null;
    lastOf.set(row, merged.length);
    merged.push(folded ?? event);
    // The first event carries the id, so it stays where spans follow it.
    const first = event.type === 'span' ? merged[lastOf.get(prefillRow) ?? -1] : null;
    if (first?.type === 'prefill' && first.id !== undefined) lastOf.delete(prefillRow);
  }
  return merged.filter((event) => event !== null);
}

const prefillRow = -1;

/** Events of one row may merge: those of a choice, prefill events, those of a span. Prefill and spans come before tokens. */
function rowOf(event: GenerationEvent): number {
  if (event.type === 'prefill') return prefillRow;
  return event.type === 'span' ? prefillRow - event.number : event.index;
}

function fold(before: GenerationEvent, event: GenerationEvent): GenerationEvent | null {
  if (before.type === 'prefill' && event.type === 'prefill') {
    const { id, leftOut } = before;
    return { ...event, ...(id !== undefined && { id }), ...(leftOut && { leftOut }) };
  }
  if (before.type === 'span' && event.type === 'span') return event;
  if (before.type === 'token' && event.type === 'token' && sameRun(before, event)) {
    const logprobs =
      before.logprobs || event.logprobs ? [...(before.logprobs ?? []), ...(event.logprobs ?? [])] : undefined;
    return {
      ...event,
      text: before.text + event.text,
      count: before.count + event.count,
      ...(logprobs && { logprobs }),
    };
  }
  return null;
}

function sameRun(a: TokenEvent, b: TokenEvent): boolean {
  return a.channel === b.channel && a.toolCall?.index === b.toolCall?.index;
}
