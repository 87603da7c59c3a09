import {
  LiveGeneration,
  OpenChoices,
  toHeadwayError,
  type captureProgress,
  type Generation,
  type GenerationEvent,
  type HeadwayError,
} from '@headway/protocol';

import type { StreamRequest } from '../connection/stream-request.ts';
import type { GatewayLink } from '../connection/connection-manager.ts';
import { ResumableStream } from './resumable-stream.ts';

export interface GenerationReaderOptions {
  id: string;
  /** Choices that are known to be open; others are learned from the events. */
  choices: number;
  link: GatewayLink;
  reconnectTimeoutMs: number;
  /** What a progress hook hears. */
  report: ReturnType<typeof captureProgress>;
  /** Leaves the generation when it aborts. */
  signal: AbortSignal | undefined;
  request: (lastEventId: string | undefined) => StreamRequest;
  /** The reader leaves before the end; it is to be ended. */
  onLeave: (reader: GenerationReader) => void;
}

/** A generation of the gateway's, read from here: what comes is pushed to its reader, and something always ends it. */
export class GenerationReader {
  readonly #options: GenerationReaderOptions;
  readonly #generation: LiveGeneration;
  readonly #choices: OpenChoices;
  #stream: ResumableStream | null = null;

  constructor(options: GenerationReaderOptions) {
    const { id, choices, report, onLeave } = (this.#options = options);
    this.#choices = new OpenChoices(id, choices);
    this.#generation = new LiveGeneration({
      id,
      onCancel: () => onLeave(this),
      ...(report && { onEvent: report }),
    });
  }

  get generation(): Generation {
    return this.#generation;
  }

  /** Whether it has ended for its reader. */
  get over(): boolean {
    return this.#generation.over;
  }

  /** Whether the gateway may have the request. */
  get sent(): boolean {
    return this.#stream?.sent ?? false;
  }

  /** Whether an event has come. */
  get begun(): boolean {
    return this.#choices.begun;
  }

  /** Whether the gateway's events can come at the moment. */
  get live(): boolean {
    return this.#stream?.live ?? false;
  }

  start(): void {
    const { id, link, reconnectTimeoutMs, request, signal } = this.#options;
    const onAbort = () => void this.#generation.cancel();
    if (signal?.aborted) return onAbort();
    signal?.addEventListener('abort', onAbort);
    void this.#generation.ended.then(() => signal?.removeEventListener('abort', onAbort));
    this.#stream = new ResumableStream({
      id,
      link,
      reconnectTimeoutMs,
      request,
      onEvent: (event) => this.#push(event),
      onFail: (error) => this.fail(error),
    });
  }

  /** A request of which no event has come is not sent again from now on. */
  holdBack(): void {
    this.#stream?.holdBack();
  }

  /** Leaves the stream; no event comes any more. */
  stop(): void {
    this.#stream?.stop();
  }

  /** Ends what is open in an error. */
  fail(thrown: unknown): void {
    const error: HeadwayError = toHeadwayError(thrown);
    this.stop();
    if (this.over) return;
    if (this.begun) this.#end(this.#choices.fail(error));
    else this.#generation.refuse(error);
  }

  /** Ends what is open because somebody asked for it. */
  endCancelled(): void {
    this.stop();
    if (!this.over) this.#end(this.#choices.cancel());
  }

  #end(events: GenerationEvent[]): void {
    for (const event of events) this.#push(event);
  }

  #push(event: GenerationEvent): void {
    if (!isKnown(event)) return;
    this.#choices.add(event);
    this.#generation.push(event);
  }
}

/** A newer gateway may send types that this client does not know. The rest of an event is trusted: parsing would cost more than the token. */
function isKnown(event: GenerationEvent): boolean {
  switch (event.type) {
    case 'prefill':
    case 'token':
    case 'done':
    case 'error':
      return true;
    default:
      event satisfies never;
      return false;
  }
}
