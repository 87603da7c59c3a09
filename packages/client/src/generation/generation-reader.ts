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
import type { ConnectionManager } from '../connection/connection-manager.ts';
import { ResumableStream } from './resumable-stream.ts';

export interface GenerationReaderOptions {
  id: string;
  /** Choices that the request asked for; the events add others. */
  choices: number;
  connections: ConnectionManager;
  reconnectTimeoutMs: number;
  /** Reports each event to the progress hooks. */
  report: ReturnType<typeof captureProgress>;
  /** Cancels the reading when it aborts. */
  signal: AbortSignal | undefined;
  request: (lastEventId: string | undefined) => StreamRequest;
  /** Called when the caller leaves before the end. It must end the reader. */
  onCancel: (reader: GenerationReader) => void;
}

/** Reads a generation of the gateway into a local `Generation`, which always ends. */
export class GenerationReader {
  readonly #options: GenerationReaderOptions;
  readonly #generation: LiveGeneration;
  readonly #choices: OpenChoices;
  #stream: ResumableStream | null = null;

  constructor(options: GenerationReaderOptions) {
    const { id, choices, report, onCancel } = (this.#options = options);
    this.#choices = new OpenChoices(id, choices);
    this.#generation = new LiveGeneration({
      id,
      onCancel: () => onCancel(this),
      ...(report && { onEvent: report }),
    });
  }

  get generation(): Generation {
    return this.#generation;
  }

  /** Whether the local generation has ended. */
  get over(): boolean {
    return this.#generation.over;
  }

  /** Whether the request was sent: the gateway may have it. */
  get sent(): boolean {
    return this.#stream?.sent ?? false;
  }

  /** Whether an event has arrived. */
  get begun(): boolean {
    return this.#choices.begun;
  }

  /** Whether a stream is open. */
  get live(): boolean {
    return this.#stream?.live ?? false;
  }

  start(): void {
    const { id, connections, reconnectTimeoutMs, request, signal } = this.#options;
    const onAbort = () => void this.#generation.cancel();
    if (signal?.aborted) return onAbort();
    signal?.addEventListener('abort', onAbort);
    void this.#generation.ended.then(() => signal?.removeEventListener('abort', onAbort));
    this.#stream = new ResumableStream({
      id,
      connections,
      reconnectTimeoutMs,
      request,
      onEvent: (event) => this.#push(event),
      onFail: (error) => this.fail(error),
    });
  }

  /** From now on, does not send the request again if no event has arrived. */
  holdBack(): void {
    this.#stream?.holdBack();
  }

  /** Leaves the stream. No event arrives afterwards. */
  stop(): void {
    this.#stream?.stop();
  }

  /** Ends the open choices in an error. */
  fail(thrown: unknown): void {
    const error: HeadwayError = toHeadwayError(thrown);
    this.stop();
    if (this.over) return;
    if (this.begun) this.#end(this.#choices.fail(error));
    else this.#generation.refuse(error);
  }

  /** Ends the open choices as cancelled. */
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

/**
 * Whether this client knows the event's type; a newer gateway may send others. The other fields are not checked: parsing
 * would cost more than the token.
 */
function isKnown(event: GenerationEvent): boolean {
  switch (event.type) {
    case 'prefill':
    case 'span':
    case 'token':
    case 'done':
    case 'error':
      return true;
    default:
      event satisfies never;
      return false;
  }
}
