import type { GenerationEvent } from '../schema/events/event.ts';
import { mergeEvents } from './merge-events.ts';
import { endsStream } from './terminal-event.ts';

/** Events that may wait unread before they are merged. */
const defaultLimit = 1024;

type Taken = IteratorResult<GenerationEvent, undefined>;

const end: Taken = { done: true, value: undefined };

/**
 * Holds one reader's events until it takes them. Writing never waits; when `limit` events are unread they are merged
 * (`mergeEvents`), so that what waits is bounded by the text itself, not by the number of events.
 */
export class EventQueue implements AsyncIterableIterator<GenerationEvent> {
  readonly #limit: number;
  readonly #onReturn: () => void;
  /** Reads that wait, in order; while there are any, nothing is unread. */
  #takers: ((taken: Taken) => void)[] = [];
  #unread: GenerationEvent[] = [];
  #mergeAt: number;
  #ended = false;

  constructor(options: { limit?: number; onReturn: () => void }) {
    this.#limit = options.limit ?? defaultLimit;
    this.#mergeAt = this.#limit;
    this.#onReturn = options.onReturn;
  }

  push(event: GenerationEvent): void {
    if (this.#ended) return;
    const taker = this.#takers.shift();
    if (taker) taker({ done: false, value: event });
    else this.#keep(event);
    if (endsStream(event)) this.#end();
  }

  next(): Promise<Taken> {
    const value = this.#unread.shift();
    if (value) return Promise.resolve({ done: false, value });
    if (this.#ended) return Promise.resolve(end);
    return new Promise((resolve) => this.#takers.push(resolve));
  }

  return(): Promise<Taken> {
    this.#unread = [];
    if (!this.#ended) {
      this.#end();
      this.#onReturn();
    }
    return Promise.resolve(end);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #keep(event: GenerationEvent): void {
    this.#unread.push(event);
    if (this.#unread.length < this.#mergeAt) return;
    this.#unread = mergeEvents(this.#unread);
    // Interleaved choices may not fold below the limit: wait for as much again before the next try.
    this.#mergeAt = Math.max(this.#limit, this.#unread.length * 2);
  }

  #end(): void {
    this.#ended = true;
    for (const taker of this.#takers) taker(end);
    this.#takers = [];
  }
}
