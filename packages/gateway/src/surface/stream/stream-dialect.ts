import type { GenerationEvent, HeadwayError } from '@headway/protocol';

import type { SseMessage } from '../../sse/sse-message.ts';

/** A generation's events in the words of one API. One instance a stream. */
export interface StreamDialect {
  /** What can be said before the first event. */
  opening(): SseMessage[];
  /** Nothing comes after an `error`, nor after a choice that was cancelled: each is a failure in these APIs. */
  of(event: GenerationEvent): SseMessage[];
  /** The stream ends here, though the generation may go on. */
  failure(error: HeadwayError): SseMessage[];
  /** Said last, unless the stream failed. */
  closing(): SseMessage[];
  /** An event that says nothing but that the stream lives, in a form which this API's clients survive. */
  heartbeat(): SseMessage;
}
