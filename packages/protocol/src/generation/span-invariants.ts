import type { PrefillEvent, SpanEvent } from '../schema/events/event.ts';

/** The rules of a generation's `span` events that an event breaks. One instance a stream. */
export class SpanInvariants {
  readonly #merged: boolean;
  readonly #latest = new Map<number, SpanEvent>();
  #prefill: PrefillEvent | null = null;
  #anyToken = false;

  /** `merged`: a late reader may get the latest events of spans before the prefill's. */
  constructor({ merged }: { merged: boolean }) {
    this.#merged = merged;
  }

  prefill(event: PrefillEvent): void {
    if (event.phase === 'prefill') this.#prefill = event;
  }

  /** The broken rules of one event. */
  *span(event: SpanEvent): Generator<string> {
    const { index, name, number, of, processed, cached, total } = event;
    const before = this.#latest.get(number);
    const [first] = this.#latest.values();
    this.#latest.set(number, event);
    if (this.#anyToken) yield 'no span after the first token';
    if (index !== 0) yield 'spans come at index 0';
    if (!this.#prefill && !this.#merged) yield 'spans come after the first event of the phase prefill';
    if (number > of || (first && first.of !== of)) yield `span ${number} of ${of}, which stays`;
    if (!(cached <= processed && processed <= total)) yield `span: ${cached} ≤ ${processed} ≤ ${total}`;
    if (total > (this.#prefill?.total ?? total)) yield 'a span has no more tokens than the prompt';
    if (!before) return;
    if (processed < before.processed) yield 'processed of a span never decreases';
    if (name !== before.name || cached !== before.cached || total !== before.total)
      yield 'name, cached and total of a span stay';
  }

  /** The broken rules at a token, or at an answer's end. */
  *token(): Generator<string> {
    if (this.#anyToken) return;
    this.#anyToken = true;
    const spans = [...this.#latest.values()];
    if (spans.some(({ processed, total }) => processed < total)) yield 'spans are read before the first token';
    if (spans.length > 0 && spans.length !== spans[0]?.of) yield 'each span has an event';
  }
}
