import { mergeEvents, type GenerationEvent } from '@headway/protocol';

import type { FromProcess, FromProcessBatch } from './process-messages.ts';

/** Messages that may wait for the reader before their events are merged. */
const mergeFrom = 1024;

/**
 * Sends messages in batches: what comes in one turn of the loop, such as the tokens that one llama.cpp batch gave to
 * several requests, goes as one. While one is being written the next is collected, and a reader that does not keep up
 * gets events merged, so that what waits is bounded by the texts themselves.
 */
export class MessageBatch {
  readonly #write: (batch: FromProcessBatch) => Promise<void>;
  #waiting: FromProcess[] = [];
  #mergeAt = mergeFrom;
  #writing: Promise<void> | null = null;

  /** `write` resolves when the reader's end has taken the batch, and never rejects. */
  constructor(write: (batch: FromProcessBatch) => Promise<void>) {
    this.#write = write;
  }

  add(message: FromProcess): void {
    this.#waiting.push(message);
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
      const batch = this.#waiting;
      this.#waiting = [];
      this.#mergeAt = mergeFrom;
      await this.#write(batch);
    }
    this.#writing = null;
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
