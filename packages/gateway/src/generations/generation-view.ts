import { HeadwayError, isHeadwayError, type GenerationEvent } from '@headway/protocol';

import type { GenerationLog } from './log/generation-log.ts';
import type { NextTurn } from './next-turn.ts';
import type { ViewerConnection } from './connection/viewer-connection.ts';

/** `on-purpose`: the viewer had enough. `dropped`: its connection broke, or could not keep up, and it may come back. */
export type Leaving = 'on-purpose' | 'dropped';

export interface ViewOptions {
  /** Goes on after this `seq`. @default -1, from the start */
  after?: number | undefined;
  /** The viewer leaves when it aborts. */
  signal?: AbortSignal | undefined;
  /** What the events go out by: they wait, and merge, while it takes no more. @default nothing waits */
  connection?: ViewerConnection | undefined;
  /**
   * How a viewer leaves who does not read to the end.
   *
   * @default on purpose, if there is a connection and it still stands, or none was named
   */
  leaving?: (() => Leaving) | undefined;
}

interface ViewContext {
  log: GenerationLog;
  nextTurn: NextTurn;
  /** Whether the log has the last event. */
  ended: () => boolean;
  /** Called once. */
  onLeave: (view: GenerationView, leaving: Leaving) => void;
}

const end: IteratorResult<GenerationEvent, undefined> = { done: true, value: undefined };

/**
 * One viewer's place in a generation's log. It holds no events: whoever falls behind, or stops reading, costs the same
 * as whoever keeps up, and holds up nobody. One `next()` at a time.
 */
export class GenerationView implements AsyncIterableIterator<GenerationEvent> {
  readonly #options: ViewOptions;
  readonly #context: ViewContext;
  readonly #unlisten: () => void;
  #after: number;
  #left = false;
  #entered = false;
  #wake: (() => void) | null = null;

  constructor(options: ViewOptions, context: ViewContext) {
    this.#options = options;
    this.#context = context;
    this.#after = options.after ?? -1;
    this.#unlisten = context.log.onAppend(this.#onAppend);
    options.signal?.addEventListener('abort', this.#leave, { once: true });
  }

  /**
   * The next event, merged with the ones that follow it as far as the viewer is behind. To ask for it means that the one
   * before has been sent.
   *
   * @throws HeadwayError `slow-consumer` when the connection took nothing for too long; the viewer can resume
   */
  async next(): Promise<IteratorResult<GenerationEvent, undefined>> {
    try {
      this.#exit();
      const event = await this.#take();
      return event ? { done: false, value: event } : end;
    } catch (thrown) {
      throw this.#fail(thrown);
    }
  }

  /** Calls `send` with each event that `next` would give; resolves at the end. Cheaper, where sending needs no wait. */
  async forEach(send: (event: GenerationEvent) => void): Promise<void> {
    try {
      for (;;) {
        this.#exit();
        const event = await this.#take();
        if (!event) return;
        send(event);
      }
    } catch (thrown) {
      throw this.#fail(thrown);
    }
  }

  async return(): Promise<IteratorResult<GenerationEvent, undefined>> {
    this.#leave();
    return end;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Ends the view; again does nothing. */
  leave(leaving: Leaving): void {
    if (this.#left) return;
    this.#left = true;
    this.#options.signal?.removeEventListener('abort', this.#leave);
    this.#unlisten();
    this.#exit();
    this.#context.onLeave(this, leaving);
    this.#wake?.();
  }

  /** Null at the end, and when the viewer has left. */
  #take(): GenerationEvent | null | Promise<GenerationEvent | null> {
    const { log } = this.#context;
    const { connection } = this.#options;
    if (this.#left || log.lastSeq <= this.#after) return this.#wait();
    if (connection && !this.#entered) {
      const itsTurn = connection.enter(this.#options.signal);
      if (itsTurn !== true) return this.#waitForTurn(itsTurn);
      this.#entered = true;
    }
    const event = log.next(this.#after);
    return isPromise(event) ? event.then((read) => this.#taken(read)) : this.#taken(event);
  }

  #taken(event: GenerationEvent | null): GenerationEvent | null | Promise<GenerationEvent | null> {
    if (this.#left) return null;
    if (!event) return this.#takeLater();
    this.#after = event.seq;
    return event;
  }

  /** A log elsewhere may say that there is more before it can be read. */
  async #takeLater(): Promise<GenerationEvent | null> {
    this.#exit();
    await new Promise<void>((resolve) => this.#context.nextTurn.call(resolve));
    return this.#take();
  }

  async #wait(): Promise<GenerationEvent | null> {
    if (!this.#left && this.#context.ended()) this.leave('on-purpose');
    if (this.#left) return null;
    await this.#appended();
    return this.#take();
  }

  async #waitForTurn(itsTurn: Promise<boolean>): Promise<GenerationEvent | null> {
    this.#entered = await itsTurn;
    if (!this.#left) return this.#take();
    this.#exit();
    return null;
  }

  #appended(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = null;
        resolve();
      };
    });
  }

  readonly #onAppend = (): void => {
    if (this.#wake) this.#context.nextTurn.call(this.#wake);
  };

  readonly #leave = (): void => {
    const { leaving, connection } = this.#options;
    this.leave(leaving ? leaving() : (connection?.open ?? true) ? 'on-purpose' : 'dropped');
  };

  #fail(thrown: unknown): unknown {
    this.leave(this.#options.leaving?.() ?? 'dropped');
    return isHeadwayError(thrown) && thrown.code === 'generation-not-found' ? fellBehind(thrown) : thrown;
  }

  #exit(): void {
    if (!this.#entered) return;
    this.#entered = false;
    this.#options.connection?.exit();
  }
}

function isPromise<T>(value: T | Promise<T>): value is Promise<T> {
  return value instanceof Promise;
}

function fellBehind(cause: HeadwayError): HeadwayError {
  return new HeadwayError('slow-consumer', `the viewer fell too far behind: ${cause.message}`, { retryable: false });
}
