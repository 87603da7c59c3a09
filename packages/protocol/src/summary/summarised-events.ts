import type { GenerationEvent } from '../schema/events/event.ts';
import { endsStream } from '../generation/terminal-event.ts';
import type { SummaryEvent } from './summary-event.ts';
import type { SummaryTicker } from './summary-ticker.ts';

type Taken = IteratorResult<GenerationEvent | SummaryEvent, undefined>;

const end: Taken = { done: true, value: undefined };

/**
 * Reads a generation's events with summaries among them. It reads an event when its own reader does, so a slow reader
 * gets no summary that has aged, and waits for the time of a summary only while its reader waits.
 */
export class SummarisedEvents implements AsyncIterator<GenerationEvent | SummaryEvent, undefined> {
  readonly #events: AsyncIterator<GenerationEvent, undefined>;
  readonly #ticker: SummaryTicker;
  /** What comes next, without reading an event. */
  #next: GenerationEvent | SummaryEvent | null = null;
  /** The read that a summary overtook. */
  #reading: Promise<IteratorResult<GenerationEvent, undefined>> | null = null;
  #turn: Promise<unknown> = Promise.resolve();
  #left = false;

  constructor(events: AsyncIterator<GenerationEvent, undefined>, ticker: SummaryTicker) {
    this.#events = events;
    this.#ticker = ticker;
  }

  next(): Promise<Taken> {
    const take = () => this.#take();
    const taken = this.#turn.then(take, take);
    this.#turn = taken;
    return taken;
  }

  async return(): Promise<Taken> {
    this.#left = true;
    this.#ticker.close();
    await this.#events.return?.();
    return end;
  }

  async #take(): Promise<Taken> {
    if (this.#left) return end;
    const value = this.#next;
    this.#next = null;
    if (value) return { done: false, value };
    this.#reading ??= this.#events.next();
    const overtaking = new Promise<SummaryEvent>((resolve) => this.#ticker.wait(resolve));
    const taken = await Promise.race([this.#reading, overtaking]);
    this.#ticker.rest();
    if ('type' in taken) return { done: false, value: taken };
    this.#reading = null;
    if (taken.done || this.#left) return end;
    const event = taken.value;
    const summary = this.#ticker.take(event);
    if (!summary) return taken;
    const last = endsStream(event);
    this.#next = last ? event : summary;
    return { done: false, value: last ? summary : event };
  }
}
