import type { GenerationEvent } from '../schema/events/event.ts';
import { mergeEvents } from './merge-events.ts';
import { endsStream } from './terminal-event.ts';

/** Unread events at which the queue merges them. */
const defaultLimit = 1024;

type Taken = IteratorResult<GenerationEvent, undefined>;

const end: Taken = { done: true, value: undefined };

/**
 * Holds one reader's events until it takes them. `push` never waits: at `limit` unread events the queue merges them
 * (`mergeEvents`), so that the text bounds its memory, not the number of events.
 */
export class EventQueue implements AsyncIterableIterator<GenerationEvent> {
  readonly #limit: number;
  readonly #onReturn: () => void;
  /** Gets the events instead of `next()`. */
  #sink: ((event: GenerationEvent) => void) | null = null;
  #delivering = false;
  /** Pending reads, in order. While there are any, `#unread` is empty. */
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
    if (this.#sink) {
      this.#deliver(this.#sink, event);
    } else {
      const taker = this.#takers.shift();
      if (taker) taker({ done: false, value: event });
      else this.#keep(event);
    }
    if (endsStream(event)) this.#end();
  }

  next(): Promise<Taken> {
    const value = this.#unread.shift();
    if (value) return Promise.resolve({ done: false, value });
    if (this.#ended) return Promise.resolve(end);
    return new Promise((resolve) => this.#takers.push(resolve));
  }

  /** Calls `sink` with each event, the unread ones first and later ones within their `push`. */
  drainTo(sink: (event: GenerationEvent) => void): void {
    this.#sink = sink;
    this.#deliver(sink);
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
    // Interleaved choices may not merge below the limit: merge again only after as many more events.
    this.#mergeAt = Math.max(this.#limit, this.#unread.length * 2);
  }

  /** An event that `sink` itself causes waits until `sink` has had those before it. */
  #deliver(sink: (event: GenerationEvent) => void, latest?: GenerationEvent): void {
    if (latest && (this.#delivering || this.#unread.length > 0)) this.#unread.push(latest);
    if (this.#delivering) return;
    this.#delivering = true;
    try {
      if (latest && this.#unread.length === 0) sink(latest);
      while (this.#unread.length > 0) sink(this.#unread.shift() as GenerationEvent);
    } finally {
      this.#delivering = false;
    }
  }

  #end(): void {
    this.#ended = true;
    for (const taker of this.#takers) taker(end);
    this.#takers = [];
  }
}
