import { HeadwayError, isHeadwayError, type GenerationEvent } from '@headway/protocol';

import type { EventJson } from './event-json.ts';
import type { GenerationLog } from './log/generation-log.ts';
import type { ImmediateQueue } from './immediate-queue.ts';
import type { ViewerConnection } from './connection/viewer-connection.ts';

/**
 * Why a view closed before the last event. `on-purpose`: its client unsubscribed. `dropped`: its connection broke or was
 * too slow, and the client may resume.
 */
export type CloseReason = 'on-purpose' | 'dropped';

export interface ViewOptions {
  /** Starts after this `seq`. @default -1, from the first event */
  after?: number | undefined;
  /** Closes the view when it aborts. */
  signal?: AbortSignal | undefined;
  /** The connection that the events are sent on. While it is full, events wait and merge. @default events never wait */
  connection?: ViewerConnection | undefined;
  /**
   * Decides why the view closed, when that happens before the last event.
   *
   * @default `dropped` if the connection is no longer open, else `on-purpose`
   */
  closeReason?: (() => CloseReason) | undefined;
}

interface ViewContext {
  log: GenerationLog;
  immediates: ImmediateQueue;
  json: EventJson;
  /** Whether the log has the last event. */
  ended: () => boolean;
  /** Runs once, when the view closes. */
  onClose: (view: GenerationView, closeReason: CloseReason) => void;
}

const end: IteratorResult<GenerationEvent, undefined> = { done: true, value: undefined };

/** There is no event yet. */
const notYet = Symbol('not yet');
/** Something has changed: poll again. */
const again = Symbol('again');

/** An event; null at the end, and once the view is closed. */
type Polled = GenerationEvent | null | typeof notYet | typeof again;

/**
 * One viewer's position in a generation's log. It buffers no events, so that a slow viewer costs no more memory than a
 * fast one and delays no other. Call `next()` again only after it has resolved.
 */
export class GenerationView implements AsyncIterableIterator<GenerationEvent> {
  // Each a field of its own: an object between would be one more to fetch for each event.
  readonly #signal: AbortSignal | undefined;
  readonly #connection: ViewerConnection | undefined;
  readonly #closeReason: (() => CloseReason) | undefined;
  readonly #log: GenerationLog;
  readonly #immediates: ImmediateQueue;
  readonly #json: EventJson;
  readonly #ended: () => boolean;
  readonly #onClose: ViewContext['onClose'];
  readonly #unlisten: () => void;
  #after: number;
  #closed = false;
  #entered = false;
  #wake: (() => void) | null = null;

  constructor(options: ViewOptions, context: ViewContext) {
    const { after = -1, signal, connection, closeReason } = options;
    this.#signal = signal;
    this.#connection = connection;
    this.#closeReason = closeReason;
    const { log, immediates, json, ended, onClose } = context;
    this.#log = log;
    this.#immediates = immediates;
    this.#json = json;
    this.#ended = ended;
    this.#onClose = onClose;
    this.#after = after;
    this.#unlisten = log.onAppend(this.#onAppend);
    signal?.addEventListener('abort', this.#closeByViewer, { once: true });
  }

  /**
   * The next event. For a viewer that is behind it includes the events after it, merged. A call of `next()` means that
   * the event before has been sent.
   *
   * @throws HeadwayError `slow-consumer` when the connection took nothing for too long; the client can resume
   */
  async next(): Promise<IteratorResult<GenerationEvent, undefined>> {
    try {
      this.#exit();
      for (;;) {
        const polling = this.#poll();
        const polled = isPromise(polling) ? await polling : polling;
        if (polled === null) return end;
        if (polled === notYet) await this.#appended();
        else if (polled !== again) return { done: false, value: polled };
      }
    } catch (thrown) {
      throw this.#fail(thrown);
    }
  }

  /**
   * Calls `send` with each event of `next()`, and resolves at the end or once `send` has returned false. It is cheaper
   * than `next()` for a synchronous `send`: while the connection has room, no event waits for a promise. `latest`: no other
   * event follows at once.
   *
   * @throws as `next()`
   */
  forEach(send: (event: GenerationEvent, json: EventJson, latest: boolean) => boolean | void): Promise<void> {
    return new Promise((resolve, reject) => {
      const fail = (thrown: unknown): void => reject(this.#fail(thrown));
      /** False when the view waits or has ended. */
      const handle = (polled: Polled): boolean => {
        if (polled === again) return true;
        if (polled === notYet) {
          this.#wake = run;
          return false;
        }
        const goesOn = polled !== null && send(polled, this.#json, polled.seq === this.#log.lastSeq) !== false;
        this.#exit();
        if (!goesOn) resolve();
        return goesOn;
      };
      const goOn = (polled: Polled): void => {
        try {
          if (handle(polled)) run();
        } catch (thrown) {
          fail(thrown);
        }
      };
      const run = (): void => {
        try {
          for (;;) {
            const polled = this.#poll();
            if (isPromise(polled)) return void polled.then(goOn, fail);
            if (!handle(polled)) return;
          }
        } catch (thrown) {
          fail(thrown);
        }
      };
      this.#exit();
      run();
    });
  }

  async return(): Promise<IteratorResult<GenerationEvent, undefined>> {
    this.#closeByViewer();
    return end;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Closes the view. Further calls do nothing. */
  close(closeReason: CloseReason): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#signal?.removeEventListener('abort', this.#closeByViewer);
    this.#unlisten();
    this.#exit();
    this.#onClose(this, closeReason);
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
  }

  /** Takes the next event if there is one. */
  #poll(): Polled | Promise<Polled> {
    const log = this.#log;
    if (!this.#closed && log.lastSeq <= this.#after) {
      if (!this.#ended()) return notYet;
      this.close('on-purpose');
    }
    if (this.#closed) return null;
    if (this.#connection && !this.#entered) {
      const itsTurn = this.#connection.enter(this.#signal);
      if (itsTurn !== true) return this.#waitForTurn(itsTurn);
      this.#entered = true;
    }
    const event = log.next(this.#after);
    return event === null || isPromise(event) ? this.#readLater(event) : this.#taken(event);
  }

  #taken(event: GenerationEvent): GenerationEvent | null {
    if (this.#closed) return null;
    this.#after = event.seq;
    return event;
  }

  /** A remote log may announce an event before that event can be read. */
  async #readLater(reading: Promise<GenerationEvent | null> | null): Promise<Polled> {
    const event = await reading;
    if (event) return this.#taken(event);
    this.#exit();
    await new Promise<void>((resolve) => this.#immediates.add(resolve));
    return again;
  }

  async #waitForTurn(itsTurn: Promise<boolean>): Promise<Polled> {
    this.#entered = await itsTurn;
    if (this.#closed) this.#exit();
    return again;
  }

  #appended(): Promise<void> {
    return new Promise((resolve) => (this.#wake = resolve));
  }

  /** Wakes the view once for all events of an iteration of the event loop. */
  readonly #onAppend = (): void => {
    const wake = this.#wake;
    if (!wake) return;
    this.#wake = null;
    this.#immediates.add(wake);
  };

  readonly #closeByViewer = (): void => {
    const closeReason = this.#closeReason;
    this.close(closeReason ? closeReason() : (this.#connection?.open ?? true) ? 'on-purpose' : 'dropped');
  };

  #fail(thrown: unknown): unknown {
    this.close(this.#closeReason?.() ?? 'dropped');
    return isHeadwayError(thrown) && thrown.code === 'generation-not-found' ? fellBehind(thrown) : thrown;
  }

  #exit(): void {
    if (!this.#entered) return;
    this.#entered = false;
    this.#connection?.exit();
  }
}

function isPromise<T>(value: T | Promise<T>): value is Promise<T> {
  return value instanceof Promise;
}

function fellBehind(cause: HeadwayError): HeadwayError {
  return new HeadwayError('slow-consumer', `the client fell too far behind: ${cause.message}`, { retryable: false });
}
