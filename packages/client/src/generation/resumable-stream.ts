import { endsStream, toHeadwayError, type GenerationEvent, type HeadwayError } from '@headway/protocol';

import type { StreamRequest } from '../connection/stream-request.ts';
import type { ConnectionManager } from '../connection/connection-manager.ts';
import { nextStep } from './resume-policy.ts';
import { sleep } from '../sleep.ts';

export interface ResumableStreamOptions {
  id: string;
  connections: ConnectionManager;
  /** How long to retry while the gateway refuses to resume a generation that it had accepted, in ms. */
  reconnectTimeoutMs: number;
  /** Makes the request; `lastEventId` is set once an event has arrived. */
  request: (lastEventId: string | undefined) => StreamRequest;
  /** Called for each event once, in order. */
  onEvent: (event: GenerationEvent) => void;
  /** Called once, if the stream ends before the generation. */
  onFail: (error: HeadwayError) => void;
}

/**
 * Reads a generation's events across connections. When a connection is lost, the stream resumes over the next one after
 * the last event that arrived. Before the first event it sends the request again with the same id; the gateway runs an id
 * once.
 */
export class ResumableStream {
  readonly #options: ResumableStreamOptions;
  readonly #release: () => void;
  readonly #stopping = new AbortController();
  #current: { stop: () => void } | null = null;
  #lastSeq = -1;
  #sent = false;
  #over = false;
  #heldBack = false;

  constructor(options: ResumableStreamOptions) {
    this.#options = options;
    this.#release = options.connections.use();
    void this.#run();
  }

  /** Whether the request was sent: the gateway may have it. */
  get sent(): boolean {
    return this.#sent;
  }

  /** Whether a stream is open. */
  get live(): boolean {
    return this.#current !== null;
  }

  /** From now on, does not send the request again if no event has arrived. */
  holdBack(): void {
    this.#heldBack = true;
    if (!this.live && !this.#begun) this.#finish();
  }

  /** Ends the stream without calling `onFail`. */
  stop(): void {
    if (this.#over) return;
    this.#finish();
    this.#stopping.abort();
    this.#current?.stop();
  }

  async #run(): Promise<void> {
    const { id, reconnectTimeoutMs } = this.#options;
    const { signal } = this.#stopping;
    let refusals = 0;
    let refusedSince = 0;
    try {
      while (!this.#over) {
        const sentBefore = this.#sent;
        const before = this.#lastSeq;
        const error = await this.#readOnce();
        if (this.#over) return;
        if (this.#heldBack && !this.#begun && error?.code === 'connection-lost') return this.#finish();
        if (this.#lastSeq > before) refusals = 0;
        if (refusals === 0) refusedSince = performance.now();
        const refusedForMs = performance.now() - refusedSince;
        const step = nextStep(
          { id, error, taken: sentBefore || this.#begun, begun: this.#begun, refusals, refusedForMs },
          { limitMs: reconnectTimeoutMs, random: Math.random() },
        );
        if ('error' in step) return this.#fail(step.error);
        refusals++;
        if (step.afterMs > 0) await sleep(step.afterMs, signal);
      }
    } catch (thrown) {
      this.#fail(toHeadwayError(thrown));
    }
  }

  /** Reads over one connection until it is lost or the stream ends. @throws HeadwayError when no connection opens */
  async #readOnce(): Promise<HeadwayError | null> {
    const { id, connections, request, onEvent } = this.#options;
    const connection = await connections.connected();
    if (this.#over) return null;
    this.#sent = true;
    const after = this.#lastSeq;
    const lastEventId = after < 0 ? undefined : `${id}:${after}`;
    return new Promise((resolve) => {
      this.#current = connection.stream(request(lastEventId), {
        onEvent: (event) => {
          if (this.#over || event.seq <= after) return;
          this.#lastSeq = event.seq;
          if (endsStream(event)) this.#finish();
          onEvent(event);
        },
        onEnd: (error) => {
          this.#current = null;
          resolve(error);
        },
      });
    });
  }

  #fail(error: HeadwayError): void {
    if (this.#over) return;
    this.#finish();
    this.#options.onFail(error);
  }

  get #begun(): boolean {
    return this.#lastSeq >= 0;
  }

  #finish(): void {
    this.#over = true;
    this.#release();
  }
}
