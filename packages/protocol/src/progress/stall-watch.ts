import type { GenerationEvent } from '../schema/events/event.ts';
import { isMoreDue, msToNextStall, stalledFor } from './stall.ts';

export interface StallWatchOptions {
  /** Called when a generation has stalled, then each second until it moves again: how long nothing has come, in ms. */
  onStall: (stalledMs: number) => void;
  /** What the request says of it. @default 0 */
  progressIntervalMs?: number | undefined;
  /** Milliseconds since any fixed moment. @default `performance.now` */
  now?: () => number;
}

/** Sees that the events of a generation stay away. It has one timer at most, and none after the last event; it keeps no process alive. */
export class StallWatch {
  readonly #options: StallWatchOptions;
  readonly #now: () => number;
  #lastEvent = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor({ now = () => performance.now(), ...options }: StallWatchOptions) {
    this.#options = options;
    this.#now = now;
  }

  /** An event has come. */
  saw(event: GenerationEvent): void {
    this.#lastEvent = this.#now();
    if (!isMoreDue(event)) return this.stop();
    // One that is set looks when the last event was: tokens come too fast for a timer each.
    if (this.#timer === undefined) this.#wait();
  }

  /** Nobody wants to know any more. */
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
