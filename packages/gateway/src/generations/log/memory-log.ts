import {
  HeadwayError,
  type GenerationEvent,
  type PrefillEvent,
  type SpanEvent,
  type TerminalEvent,
} from '@headway/protocol';

import type { GenerationLog } from './generation-log.ts';
import { TokenRuns } from './token-runs.ts';

export interface MemoryLogOptions {
  /** Most bytes to keep. Beyond them the log drops the oldest tokens. */
  maxBytes: number;
}

/**
 * A log in this process. It keeps the first and the latest prefill event, the latest of each span, and all other events.
 * Beyond `maxBytes` it drops its oldest tokens. That changes nothing for viewers that are past them; a viewer that still
 * needs them gets an error.
 */
export class MemoryLog implements GenerationLog {
  readonly #maxBytes: number;
  readonly #tokens = new TokenRuns();
  /** At most one for each choice. */
  readonly #ends: TerminalEvent[] = [];
  #listeners: readonly (() => void)[] = [];
  #first: PrefillEvent | null = null;
  #latest: PrefillEvent | null = null;
  /** The latest event of each span, by its number; null without spans. */
  #spans: Map<number, SpanEvent> | null = null;
  /** `seq` of the last prefill or span event. */
  #readTo = -1;
  /** Viewers that keep up get this object itself. */
  #last: GenerationEvent | null = null;
  #lastSeq = -1;

  constructor({ maxBytes }: MemoryLogOptions) {
    this.#maxBytes = maxBytes;
  }

  get lastSeq(): number {
    return this.#lastSeq;
  }

  get bytes(): number {
    return this.#tokens.bytes;
  }

  append(event: GenerationEvent): void {
    switch (event.type) {
      case 'prefill':
        this.#first ??= event;
        this.#latest = event;
        this.#readTo = event.seq;
        break;
      case 'span':
        (this.#spans ??= new Map()).set(event.number, event);
        this.#readTo = event.seq;
        break;
      case 'token':
        this.#tokens.append(event);
        while (this.#tokens.bytes > this.#maxBytes && this.#tokens.forgetOldest());
        break;
      case 'done':
      case 'error':
        this.#ends.push(event);
        break;
      default:
        event satisfies never;
    }
    this.#last = event;
    this.#lastSeq = event.seq;
    for (const listener of this.#listeners) listener();
  }

  next(after: number): GenerationEvent | null {
    if (after >= this.#lastSeq) return null;
    if (after === this.#lastSeq - 1) return this.#last;
    if (after < this.#readTo) return this.#nextReading(after);
    if (after < this.#tokens.forgottenSeq) throw forgotten(this.#maxBytes);
    // Tokens before and after the end of another choice are not merged.
    const end = this.#ends.find(({ seq }) => seq > after) ?? null;
    return this.#tokens.next(after, end?.seq ?? Number.POSITIVE_INFINITY) ?? end;
  }

  /**
   * The earliest after `after` of the first and the latest prefill event, the spans', and the ends: a choice that is
   * cancelled while the prompt is read ends before the last of them.
   */
  #nextReading(after: number): GenerationEvent | null {
    let next: GenerationEvent | null = null;
    for (const event of [this.#first, this.#latest, ...(this.#spans?.values() ?? []), ...this.#ends]) {
      if (event && event.seq > after && (!next || event.seq < next.seq)) next = event;
    }
    return next;
  }

  onAppend(listener: () => void): () => void {
    this.#listeners = [...this.#listeners, listener];
    return () => (this.#listeners = this.#listeners.filter((one) => one !== listener));
  }
}

function forgotten(maxBytes: number): HeadwayError {
  return new HeadwayError(
    'generation-not-found',
    `the gateway keeps the last ${maxBytes} bytes of a generation, and this part is older; send the request again`,
  );
}
