import { HeadwayError } from '@headway/protocol';

import { reconnectDelay } from '../connection/reconnect-policy.ts';

/** A stream that ended before its generation. */
export interface Interruption {
  id: string;
  /** Why it ended; null when the gateway completed it without an error. */
  error: HeadwayError | null;
  /** Whether the gateway may have the generation: an event arrived, or the request was sent before. */
  taken: boolean;
  /** Whether an event has arrived. */
  begun: boolean;
  /** Refusals by the gateway since the last event. */
  refusals: number;
  /** Time since the first of them, in ms. */
  refusedForMs: number;
}

/** Resume after `afterMs`, or end with the error. */
export type NextStep = { afterMs: number } | { error: HeadwayError };

/** Errors about the gateway's present state, not about the generation. */
const temporary = new Set(['slow-consumer', 'rate-limited', 'shutting-down']);

/**
 * Decides whether an interrupted stream resumes.
 *
 * @param random from 0 to 1
 */
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
        `the connection was lost and the gateway no longer has the generation ${id}: the client was away longer than the grace time, or the gateway restarted; send the request again`,
        { retryable: true, cause: error },
      ),
    };
  }
  if (taken && error.retryable && temporary.has(error.code) && refusedForMs < limitMs)
    return { afterMs: reconnectDelay(refusals, random) };
  return { error };
}
