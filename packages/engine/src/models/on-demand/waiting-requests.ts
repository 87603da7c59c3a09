import type { HeadwayError } from '@headway/protocol';

import { memoryTimeout, queueFull } from '../../scheduling/queue-errors.ts';
import type { Clock } from '../../timing/clock.ts';
import type { ProcessPort } from './process-port.ts';

/** A generation or a query that waits for its model. Exactly one of `start` and `fail` is called. */
export interface WaitingRequest {
  start(port: ProcessPort): void;
  fail(error: HeadwayError): void;
  /** The share of the model that is loaded now. */
  onLoad?(loaded: number): void;
}

export interface WaitingRequestsOptions {
  /** Most requests that wait. */
  most: number;
  /** Longest wait until the model begins to load, in ms. */
  timeoutMs: number;
  clock: Clock;
  /** Called when a request has waited too long, after its `fail`. */
  onTimeout: () => void;
}

/** The requests that wait for one model, in order of arrival. */
export class WaitingRequests {
  readonly #options: WaitingRequestsOptions;
  readonly #stopTimer = new Map<WaitingRequest, () => void>();

  constructor(options: WaitingRequestsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#stopTimer.size;
  }

  /** `timed`: whether its time runs already: while the model is measured and while it loads, it does not. @throws HeadwayError `queue-full` */
  add(request: WaitingRequest, timed: boolean): void {
    const { most } = this.#options;
    if (this.size >= most) throw queueFull(this.size);
    this.#stopTimer.set(request, timed ? this.#startTimer(request) : noTimer);
  }

  has(request: WaitingRequest): boolean {
    return this.#stopTimer.has(request);
  }

  delete(request: WaitingRequest): void {
    this.#stopTimer.get(request)?.();
    this.#stopTimer.delete(request);
  }

  /** The model begins to load, which takes its time. */
  stopTimers(): void {
    for (const [request, stop] of this.#stopTimer) {
      stop();
      this.#stopTimer.set(request, noTimer);
    }
  }

  /** It is known what the model needs, so that all wait for memory from now on. */
  startTimers(): void {
    for (const [request, stop] of this.#stopTimer) {
      if (stop === noTimer) this.#stopTimer.set(request, this.#startTimer(request));
    }
  }

  onLoad(loaded: number): void {
    for (const request of this.#stopTimer.keys()) request.onLoad?.(loaded);
  }

  startAll(port: ProcessPort): void {
    for (const request of this.#takeAll()) request.start(port);
  }

  failAll(error: HeadwayError): void {
    for (const request of this.#takeAll()) request.fail(error);
  }

  #startTimer(request: WaitingRequest): () => void {
    const { timeoutMs, clock, onTimeout } = this.#options;
    return clock.after(timeoutMs, () => {
      this.#stopTimer.delete(request);
      request.fail(memoryTimeout(timeoutMs));
      onTimeout();
    });
  }

  #takeAll(): WaitingRequest[] {
    this.stopTimers();
    const all = [...this.#stopTimer.keys()];
    this.#stopTimer.clear();
    return all;
  }
}

const noTimer = () => undefined;
