import { mergeEvents, type GenerationEvent } from '@headway/protocol';

import type { FromProcess, FromProcessBatch } from './process-messages.ts';

/** Waiting messages from which on their events are merged. */
const mergeFrom = 1024;

/**
 * Least time between two batches that contain only tokens, in ms: waking the reader costs more than a token's content.
 */
const spacingMs = 8;

/**
 * Sends messages in batches. One batch contains the messages of one event-loop step, such as the tokens of all requests
 * in a llama.cpp batch; tokens that arrive faster than 125 times a second share batches too. While one batch is
 * written, the next one is collected. If the reader falls behind, events are merged, so that the waiting messages hold
 * little more than the generated text.
 */
export class MessageBatch {
  readonly #write: (batch: FromProcessBatch) => Promise<void>;
  #waiting: FromProcess[] = [];
  #mergeAt = mergeFrom;
  #writing: Promise<void> | null = null;
  #lastWrite = Number.NEGATIVE_INFINITY;
  /** Whether a message other than a token waits; it skips the spacing. */
  #urgent = false;
  /** Ends the current wait for the spacing; null while there is none. */
  #stopWaiting: (() => void) | null = null;

  /** `write` resolves when the channel has taken the batch, and never rejects. */
  constructor(write: (batch: FromProcessBatch) => Promise<void>) {
    this.#write = write;
  }

  add(message: FromProcess): void {
    this.#waiting.push(message);
    if (message.kind !== 'event' || message.event.type !== 'token') {
      this.#urgent = true;
      this.#stopWaiting?.();
    }
    this.#writing ??= this.#writeAll();
    if (this.#waiting.length < this.#mergeAt) return;
    this.#waiting = mergeMessages(this.#waiting);
    // If little could be merged, the next attempt waits until the number of messages has doubled.
    this.#mergeAt = Math.max(mergeFrom, this.#waiting.length * 2);
  }

  /** Resolves when all messages are written. */
  async written(): Promise<void> {
    await this.#writing;
  }

  async #writeAll(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) {
      await this.#waitForSpacing();
      const batch = this.#waiting;
      this.#waiting = [];
      this.#mergeAt = mergeFrom;
      this.#urgent = false;
      this.#lastWrite = performance.now();
      await this.#write(batch);
    }
    this.#writing = null;
  }

  async #waitForSpacing(): Promise<void> {
    const wait = this.#lastWrite + spacingMs - performance.now();
    if (this.#urgent || wait <= 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, wait);
      this.#stopWaiting = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#stopWaiting = null;
  }
}

/**
 * The same messages with consecutive events of each generation merged. Keeps the order within each generation and the
 * order of all other messages; keeps only the last heartbeat.
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
  // Events first: a query's answer must not arrive before the events that preceded it.
  return [...merged, ...others];
}
