import { readingOrder, type WaitingReader } from './prefill-order.ts';
import type { Clock } from '../timing/clock.ts';
import type { PrefillRate } from '../timing/prefill-rate.ts';
import type { ReadingState } from '../timing/prefill-forecast.ts';

/** How long a chunk waits for the decoders to come along, in ms. A sampled token comes within a fraction of one. */
const decoderGraceMs = 5;

interface Reader extends WaitingReader {
  /** Where its prompt ends; what has been read and what has not add up to it. */
  readonly end: number;
  /** What it had to read when it came; 0 until it says how much. */
  uncached: number;
  /** Set while it waits for its turn. */
  grant: (() => void) | null;
  /** Called when another one has read a chunk while it waits. */
  onOvertaken: () => void;
}

/** A prompt's place among those that are read by one model. */
export interface PrefillTurn {
  /** Resolves when a chunk may be read. @throws the signal's reason when it aborts before */
  next(remaining: number, signal: AbortSignal): Promise<void>;
  /** The chunk has been read, or failed. Without one it does nothing. */
  done(): void;
  /** It reads no more. */
  leave(): void;
  /** Prompts that are read before this one, which has so much left, in their order. */
  ahead(remaining: number): ReadingState[];
}

/**
 * Lets the prompts of one model be read in turns, a chunk at a time, so that a batch holds one chunk at most: it is the
 * length of a chunk that those who decode wait between two tokens. Between two chunks each of them gets its batch; else,
 * being a moment later than the next chunk, they would wait for two.
 */
export class PrefillTurns {
  readonly #clock: Clock;
  readonly #rate: PrefillRate;
  readonly #readers = new Set<Reader>();
  readonly #decoders = new Set<symbol>();
  /** Who has not come along since the last chunk. */
  #late = new Set<symbol>();
  #comeAlong: (() => void) | null = null;
  #reading: Reader | null = null;
  #settling = false;

  constructor(clock: Clock, rate: PrefillRate) {
    this.#clock = clock;
    this.#rate = rate;
  }

  /** Prompts that are being read or wait for their turn. */
  get readers(): number {
    return this.#readers.size;
  }

  /** Streams that decode on this model. */
  get decoders(): number {
    return this.#decoders.size;
  }

  /** What would be read before and after a prompt that came now with so much to read, in order. */
  around(remaining: number): { ahead: ReadingState[]; behind: ReadingState[] } {
    const newcomer: WaitingReader = { since: this.#clock.now(), remaining };
    return this.#around(newcomer, [...this.#readers, newcomer]);
  }

  /** `end`: where the prompt's reading ends, in tokens. */
  join(end: number, onOvertaken: () => void): PrefillTurn {
    const reader: Reader = { since: this.#clock.now(), end, remaining: 0, uncached: 0, grant: null, onOvertaken };
    this.#readers.add(reader);
    const left = (remaining: number) => {
      reader.remaining = remaining;
      reader.uncached ||= remaining;
    };
    const done = () => {
      if (this.#reading !== reader) return;
      this.#reading = null;
      for (const other of this.#readers) if (other !== reader && other.grant) other.onOvertaken();
      void this.#settle();
    };
    return {
      next: (remaining, signal) =>
        new Promise((resolve, reject) => {
          left(remaining);
          const onAbort = () => {
            reader.grant = null;
            reject(signal.reason);
          };
          if (signal.aborted) return onAbort();
          signal.addEventListener('abort', onAbort, { once: true });
          reader.grant = () => {
            signal.removeEventListener('abort', onAbort);
            reader.grant = null;
            resolve();
          };
          this.#grantNext();
        }),
      done,
      leave: () => {
        this.#readers.delete(reader);
        done();
      },
      ahead: (remaining) => {
        left(remaining);
        return this.#around(reader, [...this.#readers]).ahead;
      },
    };
  }

  /** Somebody decodes on this model until `leave` is called; `decoded` says that a token has come. */
  decoder(): { decoded: () => void; leave: () => void } {
    const decoder = Symbol('decoder');
    this.#decoders.add(decoder);
    const arrive = () => {
      if (this.#late.delete(decoder) && this.#late.size === 0) this.#comeAlong?.();
    };
    return {
      decoded: arrive,
      leave: () => {
        this.#decoders.delete(decoder);
        arrive();
      },
    };
  }

  #around(one: WaitingReader, all: readonly (Reader | WaitingReader)[]) {
    const order = readingOrder(all, this.#rate.msPerToken ?? 1);
    const place = order.indexOf(all.indexOf(one));
    const states = (places: readonly number[]) =>
      places.flatMap((at): ReadingState[] => {
        const reader = all[at];
        if (!reader || !('end' in reader)) return [];
        const { end, remaining, uncached } = reader;
        return [{ position: end - remaining, remaining, uncached }];
      });
    return { ahead: states(order.slice(0, place)), behind: states(order.slice(place + 1)) };
  }

  #grantNext(): void {
    if (this.#reading || this.#settling) return;
    const waiting = [...this.#readers].filter(({ grant }) => grant !== null);
    const [first] = readingOrder(waiting, this.#rate.msPerToken ?? 1);
    const next = first === undefined ? undefined : waiting[first];
    if (!next) return;
    this.#reading = next;
    next.grant?.();
  }

  /** Waits until each decoder has its token and asks for the next one, which then comes right after the next chunk. */
  async #settle(): Promise<void> {
    this.#settling = true;
    const beside = this.#decoders.size > 0;
    const since = this.#clock.now();
    if (beside) {
      this.#late = new Set(this.#decoders);
      const abort = new AbortController();
      this.#comeAlong = () => abort.abort();
      await this.#clock.sleep(decoderGraceMs, abort.signal).catch(() => undefined);
      this.#comeAlong = null;
    }
    // A token is reported just before the next one is asked for, and a chunk read just before the next turn is.
    if (this.#decoders.size > 0 || this.#readers.size > 1) await new Promise((resolve) => setImmediate(resolve));
    if (beside) this.#rate.addPause(this.#clock.now() - since);
    this.#settling = false;
    this.#grantNext();
  }
}
