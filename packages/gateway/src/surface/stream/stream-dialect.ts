import type { GenerationEvent, HeadwayError } from '@headway/protocol';

import type { SseMessage } from '../../sse/sse-message.ts';

/** Converts a generation's events to the stream of one API. One instance a stream. */
export interface StreamDialect {
  /** The messages before the first event. */
  opening(): SseMessage[];
  /**
   * The messages for an event. The stream ends after an `error`, or when every choice was cancelled: both are failures in
   * these APIs.
   */
  of(event: GenerationEvent): SseMessage[];
  /** The messages when the stream fails, though the generation may continue. */
  failure(error: HeadwayError): SseMessage[];
  /** The last messages of a stream that did not fail. */
  closing(): SseMessage[];
  /** A heartbeat as an event that this API's clients parse and ignore. */
  heartbeat(): SseMessage;
}
