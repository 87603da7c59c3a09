import { HeadwayError } from '@headway/protocol';

import { reconnectDelay } from '../connection/reconnect-policy.ts';

/** Where a stream stood when it ended without its generation's end. */
export interface Interruption {
  id: string;
  /** What it ended with; null when the gateway just said that no more comes. */
  error: HeadwayError | null;
  /** Whether the gateway may have the generation: an event came, or the request was sent before. */
  taken: boolean;
  /** Whether an event of it has come. */
  begun: boolean;
  /** Times that the gateway has refused it in a row since the last event. */
  refusals: number;
  /** Since the first of those. */
  refusedForMs: number;
}

/** Go on after so long, or end with the error. */
export type NextStep = { afterMs: number } | { error: HeadwayError };

/** What a gateway says about itself at the moment, not about the generation. */
const passing = new Set(['slow-consumer', 'rate-limited', 'shutting-down']);

/** @param random from 0 to 1 */
export function nextStep(
  { id, error, taken, begun, refusals, refusedForMs }: Interruption,
  { limitMs, random }: { limitMs: number; random: number },
): NextStep {
  if (!error) return { error: new HeadwayError('connection-lost', 'the stream ended before the generation did') };
  if (error.code === 'connection-lost' && error.retryable) return { afterMs: 0 };
  if (begun && error.code === 'generation-not-found') {
    return {
      error: new HeadwayError(
        error.code,
        `the connection was lost, and the gateway no longer has the generation ${id}: it was away for longer than the grace time, or the gateway was started anew; send the request again`,
        { retryable: true, cause: error },
      ),
    };
  }
  if (taken && error.retryable && passing.has(error.code) && refusedForMs < limitMs)
    return { afterMs: reconnectDelay(refusals, random) };
  return { error };
}
