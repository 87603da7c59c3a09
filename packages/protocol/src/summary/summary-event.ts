import type { ErrorCode } from '../errors/error-code.ts';
import type { FinishReason } from '../schema/events/event.ts';
import type { Lifecycle } from '../schema/events/lifecycle.ts';

/** How far one choice of a generation is. */
export interface AnswerSummary {
  /** The choice's index, as in its events. */
  index: number;
  /** Its phase, `decode` from its first token on; once it has ended, the type of the event that ended it. */
  state: Exclude<Lifecycle, 'ended'> | 'done' | 'error';
  /** How it ended: `cancelled`, `length`, an error's code; null before. */
  outcome: FinishReason | ErrorCode | null;
  /** Tokens written so far. */
  completionTokens: number;
  /** The request's limit for each choice; null when it has none, and for a watched generation, whose request is unknown. */
  maxTokens: number | null;
  /**
   * While it is written, its speed since the prompt was read; null before its second token, and after 2 s without a token
   * (or twice the time that one takes), until the next token. At its end the speed of the whole answer; of a failed one
   * the last that was known.
   */
  tokensPerSecond: number | null;
}

/**
 * How far all choices of a generation are. Made by the reader of a generation from its events: it has no `seq`, never
 * crosses the wire and is no part of `GenerationEvent`.
 *
 * - The first summary follows the first event, so that an interface can draw all its rows at once.
 * - Then one comes when something in it has changed, at most one in `everyMs`. A change that came too soon after the last
 *   summary is told when that time is over, even if no event follows. A summary tells exactly the events before it.
 * - The last one comes exactly once, just before the event that ends the stream, whose end it tells already. That event
 *   stays the last of the stream.
 */
export interface SummaryEvent {
  type: 'summary';
  /** By index, one for each choice. */
  answers: AnswerSummary[];
  /**
   * The rates of the answers in the state `decode`, added up: an answer that ends or stalls no longer counts. Null while
   * none of them has a rate.
   */
  tokensPerSecond: number | null;
}
