import type { GenerationEvent, TokenEvent } from '../schema/events/event.ts';

/**
 * Merges neighbouring events for a viewer that reads too slowly: prefill events become the latest of them, token events
 * of one choice and channel become one. Events of different choices, channels or tool calls are never merged. Texts,
 * counts and log-probabilities stay complete, each choice keeps its order, and `seq` ascends.
 */
export function mergeEvents(events: readonly GenerationEvent[]): GenerationEvent[] {
  const merged: (GenerationEvent | null)[] = [];
  /** The place of each choice's last event in `merged`. */
  const lastOf = new Map<number, number>();
  for (const event of events) {
    const at = lastOf.get(event.index);
    const before = at === undefined ? undefined : merged[at];
    const folded = before && fold(before, event);
    if (at !== undefined && folded) merged[at] = null;
    lastOf.set(event.index, merged.length);
    merged.push(folded ?? event);
  }
  return merged.filter((event) => event !== null);
}

function fold(before: GenerationEvent, event: GenerationEvent): GenerationEvent | null {
  if (before.type === 'prefill' && event.type === 'prefill') {
    const { id, leftOut } = before;
    return { ...event, ...(id !== undefined && { id }), ...(leftOut && { leftOut }) };
  }
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
