import { mergeEvents, type GenerationEvent } from '@headway/protocol';

import type { FromProcess, FromProcessBatch } from './process-messages.ts';

/** Messages that may wait for the reader before their events are merged. */
const mergeFrom = 1024;

/** Least time between two batches of nothing but tokens, in ms: waking the reader costs more than what a token says. */
const spacingMs = 4;

/**
 * Sends messages in batches: what comes in one turn of the loop, such as the tokens that one llama.cpp batch gave to
 * several requests, goes as one, and so do tokens that come faster than 250 times a second. While one is being written
 * the next is collected, and a reader that does not keep up gets events merged, so that what waits is bounded by the texts
 * themselves.
 */
export class MessageBatch {
  readonly #write: (batch: FromProcessBatch) => Promise<void>;
  #waiting: FromProcess[] = [];
  #mergeAt = mergeFrom;
  #writing: Promise<void> | null = null;
  #lastWrite = Number.NEGATIVE_INFINITY;
  /** Whether something waits that is not to wait. */
  #urgent = false;
  /** Ends the wait between two batches. */
  #hurry: (() => void) | null = null;

  /** `write` resolves when the reader's end has taken the batch, and never rejects. */
  constructor(write: (batch: FromProcessBatch) => Promise<void>) {
    this.#write = write;
  }

  add(message: FromProcess): void {
    this.#waiting.push(message);
    if (message.kind !== 'event' || message.event.type !== 'token') {
      this.#urgent = true;
      this.#hurry?.();
    }
    this.#writing ??= this.#writeAll();
    if (this.#waiting.length < this.#mergeAt) return;
    this.#waiting = mergeMessages(this.#waiting);
    // What cannot be merged may be more: wait for as much again before the next try.
    this.#mergeAt = Math.max(mergeFrom, this.#waiting.length * 2);
  }

  /** Resolves when all has been written. */
  async written(): Promise<void> {
    await this.#writing;
  }

  async #writeAll(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) {
      await this.#spaced();
      const batch = this.#waiting;
      this.#waiting = [];
      this.#mergeAt = mergeFrom;
      this.#urgent = false;
      this.#lastWrite = performance.now();
      await this.#write(batch);
    }
    this.#writing = null;
  }

  async #spaced(): Promise<void> {
    const wait = this.#lastWrite + spacingMs - performance.now();
    if (this.#urgent || wait <= 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, wait);
      this.#hurry = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#hurry = null;
  }
}

/**
 * The same messages with each generation's neighbouring events merged. The order within a generation stays, and so does
 * that of all other messages among each other; of beats the last is enough.
 */
export function mergeMessages(messages: readonly FromProcess[]): FromProcess[] {
  const events = new Map<string, GenerationEvent[]>();
  for (const message of messages) {
    if (message.kind !== 'event') continue;
    const known = events.get(message.id);
    if (known) known.push(message.event);
    else events.set(message.id, [message.event]);
  }
  const merged = [...events].flatMap(([id, all]) =>
    mergeEvents(all).map((event) => ({ kind: 'event', id, event }) as const),
  );
  const lastBeat = messages.findLast(({ kind }) => kind === 'beat');
  const others = messages.filter(
    (message) => message.kind !== 'event' && (message.kind !== 'beat' || message === lastBeat),
  );
  // Whoever hears an answer has heard every event before it.
  return [...merged, ...others];
}
