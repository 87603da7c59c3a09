import { endsStream, toHeadwayError, type GenerationEvent, type HeadwayError } from '@headway/protocol';

import type { StreamRequest } from '../connection/stream-request.ts';
import type { GatewayLink } from '../connection/connection-manager.ts';
import { nextStep } from './resume-policy.ts';
import { sleep } from '../sleep.ts';

export interface ResumableStreamOptions {
  id: string;
  link: GatewayLink;
  /** How long to go on asking a gateway that refuses what it had taken. */
  reconnectTimeoutMs: number;
  /** What to ask for; `lastEventId` is there once an event has come. */
  request: (lastEventId: string | undefined) => StreamRequest;
  /** Each event once, in order. */
  onEvent: (event: GenerationEvent) => void;
  /** Once, when the stream ends without the generation's end. */
  onFail: (error: HeadwayError) => void;
}

/**
 * A generation's events across connections: when one is lost, the stream goes on over the next one behind the last event
 * that came. A request of which no event came yet is sent again under the same id, which a gateway runs once.
 */
export class ResumableStream {
  readonly #options: ResumableStreamOptions;
  readonly #leaveLink: () => void;
  readonly #stopping = new AbortController();
  #current: { stop: () => void } | null = null;
  #lastSeq = -1;
  #sent = false;
  #over = false;
  #heldBack = false;

  constructor(options: ResumableStreamOptions) {
    this.#options = options;
    this.#leaveLink = options.link.use();
    void this.#run();
  }

  /** Whether the gateway may have the request. */
  get sent(): boolean {
    return this.#sent;
  }

  /** Whether events can come at the moment. */
  get live(): boolean {
    return this.#current !== null;
  }

  /** A request of which no event has come is not sent again from now on. */
  holdBack(): void {
    this.#heldBack = true;
    if (!this.live && !this.#begun) this.#finish();
  }

  /** Leaves it on purpose, without another word. */
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

  /** Reads over one connection, for as long as it lasts. @throws HeadwayError when there is none to be had */
  async #readOnce(): Promise<HeadwayError | null> {
    const { id, link, request, onEvent } = this.#options;
    const connection = await link.connected();
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
    this.#leaveLink();
  }
}
