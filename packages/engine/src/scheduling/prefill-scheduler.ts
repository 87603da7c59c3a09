import { prefillOrder, type WaitingPrefill } from './prefill-order.ts';
import { InterferenceMeter } from '../timing/interference-meter.ts';
import type { Clock } from '../timing/clock.ts';
import type { PrefillRate } from '../timing/prefill-rate.ts';
import type { PrefillState } from '../timing/prefill-forecast.ts';

/** Longest wait for the decoders between two chunks, in ms. Sampling a token takes a fraction of one. */
const decoderGraceMs = 5;

interface Entry extends WaitingPrefill {
  /** Position where prefill ends, in tokens: the tokens read plus the remaining ones. */
  readonly end: number;
  /** Tokens to read at the start of prefill; 0 until the prompt reports them. */
  uncached: number;
  /** Set while the prompt waits to read a chunk. */
  grant: (() => void) | null;
  /** Called when another prompt has read a chunk while this one waits. */
  onOvertaken: () => void;
}

/** One prompt in the scheduler. */
export interface ScheduledPrefill {
  /** Resolves when the prompt may read a chunk. @throws the signal's reason when it aborts first */
  nextChunk(remaining: number, signal: AbortSignal): Promise<void>;
  /** Reports that the chunk was read, or failed. Does nothing when no chunk was granted. */
  chunkDone(): void;
  /** Removes the prompt: it reads no more. */
  end(): void;
  /** The prompts that are read before this one, in their order, when it has `remaining` tokens to read. */
  ahead(remaining: number): PrefillState[];
}

/**
 * Schedules the prefill of one model's prompts, one chunk at a time, so that a batch contains at most one chunk:
 * decoding streams wait as long as a chunk takes between two tokens. Between two chunks every decoding stream gets a
 * batch. Without that pause a stream that asks a moment after the next chunk began would wait for two chunks.
 */
export class PrefillScheduler {
  /** How long chunks keep the decoding streams waiting. */
  readonly interference = new InterferenceMeter();
  readonly #clock: Clock;
  readonly #rate: PrefillRate;
  readonly #entries = new Set<Entry>();
  readonly #decoders = new Set<symbol>();
  /** Decoders without a token since the last chunk. */
  #late = new Set<symbol>();
  #onNoneLate: (() => void) | null = null;
  #current: Entry | null = null;
  #settling = false;

  constructor(clock: Clock, rate: PrefillRate) {
    this.#clock = clock;
    this.#rate = rate;
  }

  /** Prompts that read a chunk or wait for one. */
  get prefills(): number {
    return this.#entries.size;
  }

  /** Streams that decode on this model. */
  get decoders(): number {
    return this.#decoders.size;
  }

  /** The prompts that would be read before and after a new prompt with `remaining` tokens to read, in order. */
  around(remaining: number): { ahead: PrefillState[]; behind: PrefillState[] } {
    const newcomer: WaitingPrefill = { since: this.#clock.now(), remaining };
    return this.#around(newcomer, [...this.#entries, newcomer]);
  }

  /** `end`: position where the prompt's prefill ends, in tokens. */
  add(end: number, onOvertaken: () => void): ScheduledPrefill {
    const entry: Entry = { since: this.#clock.now(), end, remaining: 0, uncached: 0, grant: null, onOvertaken };
    this.#entries.add(entry);
    const update = (remaining: number) => {
      entry.remaining = remaining;
      entry.uncached ||= remaining;
    };
    const chunkDone = () => {
      if (this.#current !== entry) return;
      this.#current = null;
      for (const other of this.#entries) if (other !== entry && other.grant) other.onOvertaken();
      void this.#settle();
    };
    return {
      nextChunk: (remaining, signal) =>
        new Promise((resolve, reject) => {
          update(remaining);
          const onAbort = () => {
            entry.grant = null;
            reject(signal.reason);
          };
          if (signal.aborted) return onAbort();
          signal.addEventListener('abort', onAbort, { once: true });
          entry.grant = () => {
            signal.removeEventListener('abort', onAbort);
            entry.grant = null;
            resolve();
          };
          this.#grantNext();
        }),
      chunkDone,
      end: () => {
        this.#entries.delete(entry);
        chunkDone();
      },
      ahead: (remaining) => {
        update(remaining);
        return this.#around(entry, [...this.#entries]).ahead;
      },
    };
  }

  /** Counts a decoding stream until it calls `end`. The stream calls `decoded` for each token. */
  addDecoder(): { decoded: () => void; end: () => void } {
    const decoder = Symbol('decoder');
    this.#decoders.add(decoder);
    const metered = this.interference.addStream();
    const arrive = () => {
      if (this.#late.size > 0 && this.#late.delete(decoder) && this.#late.size === 0) this.#onNoneLate?.();
    };
    return {
      decoded: () => {
        metered.token(this.#clock.now());
        arrive();
      },
      end: () => {
        this.#decoders.delete(decoder);
        arrive();
      },
    };
  }

  #around(one: WaitingPrefill, all: readonly (Entry | WaitingPrefill)[]) {
    const order = prefillOrder(all, this.#rate.msPerToken ?? 1);
    const place = order.indexOf(all.indexOf(one));
    const states = (places: readonly number[]) =>
      places.flatMap((at): PrefillState[] => {
        const entry = all[at];
        if (!entry || !('end' in entry)) return [];
        const { end, remaining, uncached } = entry;
        return [{ position: end - remaining, remaining, uncached }];
      });
    return { ahead: states(order.slice(0, place)), behind: states(order.slice(place + 1)) };
  }

  #grantNext(): void {
    if (this.#current || this.#settling) return;
    const waiting = [...this.#entries].filter(({ grant }) => grant !== null);
    const [first] = prefillOrder(waiting, this.#rate.msPerToken ?? 1);
    const next = first === undefined ? undefined : waiting[first];
    if (!next) return;
    this.#current = next;
    next.grant?.();
  }

  /** Waits until every decoder has a token and has asked for the next, so that it comes right after the next chunk. */
  async #settle(): Promise<void> {
    this.#settling = true;
    const decoding = this.#decoders.size > 0;
    const since = this.#clock.now();
    if (decoding) {
      this.#late = new Set(this.#decoders);
      const abort = new AbortController();
      this.#onNoneLate = () => abort.abort();
      await this.#clock.sleep(decoderGraceMs, abort.signal).catch(() => undefined);
      this.#onNoneLate = null;
    }
    // A decoder asks for a token right after reporting one, a prompt for a chunk right after `chunkDone`.
    if (this.#decoders.size > 0 || this.#entries.size > 1) await new Promise((resolve) => setImmediate(resolve));
    if (decoding) this.#rate.addPause(this.#clock.now() - since);
    this.#settling = false;
    this.#grantNext();
  }
}
