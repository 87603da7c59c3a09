import type { GenerationEvent } from '../schema/events/event.ts';
import { isTerminal } from '../generation/terminal-event.ts';
import { isMoreDue, msToNextStall, stalledFor } from './stall.ts';

export interface StallWatchOptions {
  /**
   * Called when a generation stalls, then each second until its next event, with the time since its last event in ms.
   */
  onStall: (stalledMs: number) => void;
  /** The request's `progressIntervalMs`. @default 0 */
  progressIntervalMs?: number | undefined;
  /** Milliseconds since any fixed moment. @default `performance.now` */
  now?: () => number;
}

/**
 * Notices when a generation's events stop coming. It has at most one timer, none after the last event, and none that
 * keeps the process alive.
 */
export class StallWatch {
  readonly #options: StallWatchOptions;
  readonly #now: () => number;
  #lastEvent = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor({ now = () => performance.now(), ...options }: StallWatchOptions) {
    this.#options = options;
    this.#now = now;
  }

  /** To be called with each event. */
  saw(event: GenerationEvent): void {
    this.#lastEvent = this.#now();
    // The others go on as before: a choice may be cancelled in the queue, too.
    if (isTerminal(event) && event.remaining > 0) return;
    if (!isMoreDue(event)) return this.stop();
    // A running timer checks the time of the last event itself: tokens come too fast to set one for each.
    if (this.#timer === undefined) this.#wait();
  }

  /** Stops watching. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #wait(): void {
    const { onStall, progressIntervalMs } = this.#options;
    const silentMs = () => this.#now() - this.#lastEvent;
    this.#timer = setTimeout(
      () => {
        this.#wait();
        const stalledMs = stalledFor(silentMs(), progressIntervalMs);
        if (stalledMs !== null) onStall(stalledMs);
      },
      msToNextStall(silentMs(), progressIntervalMs),
    );
    if (typeof this.#timer === 'object') this.#timer.unref?.();
  }
}
