import type { GenerationEvent } from '../schema/events/event.ts';
import { endsStream } from '../generation/terminal-event.ts';
import type { SummaryEvent } from './summary-event.ts';
import { longestTimer } from './summary-option.ts';
import {
  firstSummaryState,
  msToNextSummary,
  nextSummaryState,
  tellSummary,
  type SummarisedRequest,
  type SummaryState,
} from './summary-state.ts';

export interface SummaryTickerOptions extends SummarisedRequest {
  everyMs: number;
  /** Milliseconds since any fixed moment. @default `performance.now` */
  now?: (() => number) | undefined;
}

/** Says when a summary is due. It has at most one timer, only while someone waits, and none that keeps the process alive. */
export class SummaryTicker {
  readonly #everyMs: number;
  readonly #now: () => number;
  #state: SummaryState;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** When the timer's summary is due. */
  #dueAt = 0;
  #closed = false;

  constructor({ everyMs, now = () => performance.now(), ...request }: SummaryTickerOptions) {
    this.#everyMs = everyMs;
    this.#now = now;
    this.#state = firstSummaryState(request);
  }

  /** Counts an event. Returns the summary that is due with it, if one is. */
  take(event: GenerationEvent): SummaryEvent | null {
    const now = this.#now();
    this.#state = nextSummaryState(this.#state, event, now);
    const due = endsStream(event) || msToNextSummary(this.#state, now, this.#everyMs) === 0;
    return due ? this.#tell(now) : null;
  }

  /**
   * Calls `onDue` once with a summary that becomes due without another event. Does nothing if another call waits that is
   * due as soon.
   */
  wait(onDue: (summary: SummaryEvent) => void): void {
    if (this.#closed) return;
    const now = this.#now();
    const ms = msToNextSummary(this.#state, now, this.#everyMs);
    if (ms === null || (this.#timer !== undefined && this.#dueAt <= now + ms)) return;
    this.rest();
    this.#dueAt = now + ms;
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        const then = this.#now();
        // An event may have told a summary meanwhile, and timers may fire a fraction of a millisecond early.
        if (msToNextSummary(this.#state, then, this.#everyMs) === 0) onDue(this.#tell(then));
        else this.wait(onDue);
      },
      Math.min(Math.ceil(ms), longestTimer),
    );
    if (typeof this.#timer === 'object') this.#timer.unref?.();
  }

  /** Ends the waiting. */
  rest(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Ends the waiting for good. */
  close(): void {
    this.#closed = true;
    this.rest();
  }

  #tell(now: number): SummaryEvent {
    const [summary, state] = tellSummary(this.#state, now);
    this.#state = state;
    return summary;
  }
}
