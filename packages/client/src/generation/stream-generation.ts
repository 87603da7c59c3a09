import {
  captureProgress,
  createGenerationId,
  HeadwayError,
  maxBodyBytes,
  toHeadwayError,
  type GenerateInput,
  type GenerateProgress,
  type Generation,
} from '@headway/protocol';

import type { GatewayLink } from '../connection/connection-manager.ts';
import { GenerationReader } from './generation-reader.ts';

export interface StreamOptions extends GenerateProgress {
  signal?: AbortSignal | undefined;
  link: GatewayLink;
  reconnectTimeoutMs: number;
}

/** Starts a generation on the gateway. Never throws: what goes wrong is the generation's `error` event. */
export function streamGeneration(
  input: GenerateInput,
  { signal, link, reconnectTimeoutMs, ...progress }: StreamOptions,
): Generation {
  const id = input?.id ?? createGenerationId();
  const { report, refusal } = prepare(input, progress);
  const reader = new GenerationReader({
    id,
    choices: choiceCount(input?.choices),
    link,
    reconnectTimeoutMs,
    report,
    signal,
    request: (lastEventId) => ({ kind: 'generate', input: { ...input, id, ...(lastEventId && { lastEventId }) } }),
    onLeave: () => void cancel(),
  });

  async function cancel(): Promise<void> {
    reader.holdBack();
    // A name that the caller chose may be another generation's until an event of this one has come.
    const named = reader.begun || input.id === undefined;
    try {
      // The gateway then ends the stream with `cancelled`, usage and timings, or has ended it already.
      if (named && reader.sent) {
        const cancelled = await link.ask((gateway) => gateway.cancel(id));
        if (reader.begun || (cancelled && reader.live)) return;
      }
    } catch (thrown) {
      return reader.fail(thrown);
    }
    reader.endCancelled();
  }

  if (refusal) reader.fail(refusal);
  else reader.start();
  return reader.generation;
}

/** What can be told before anything is sent. */
function prepare(input: GenerateInput, progress: GenerateProgress) {
  let report: ReturnType<typeof captureProgress> = null;
  try {
    // First, so that a hook hears of a refusal too.
    report = captureProgress(progress, {
      maxTokens: completionBound(input),
      progressIntervalMs: input?.progressIntervalMs,
    });
    checkSize(input);
    return { report, refusal: null };
  } catch (thrown) {
    return { report, refusal: toHeadwayError(thrown, 'invalid-request') };
  }
}

/** Tokens that all choices together may have, as far as an unchecked request tells. */
function completionBound(input: GenerateInput): number | undefined {
  const { maxTokens, choices } = input ?? {};
  return Number.isInteger(maxTokens) ? Number(maxTokens) * choiceCount(choices) : undefined;
}

/** A frame that is too big would cost every stream on the socket: it is not sent. */
function checkSize(input: GenerateInput): void {
  if (typeof input !== 'object' || input === null) {
    throw new HeadwayError('invalid-request', "the request must be an object, e.g. { prompt: 'Hello' }");
  }
  const bytes = new TextEncoder().encode(JSON.stringify(input)).length;
  if (bytes <= maxBodyBytes - frameBytes) return;
  throw new HeadwayError('invalid-request', `the request has ${bytes} bytes; a gateway takes at most ${maxBodyBytes}`);
}

/** For what tRPC puts around a request. */
const frameBytes = 1024;

/** What the gateway will count; one it refuses has no choices to end. */
function choiceCount(choices: number | undefined): number {
  return choices !== undefined && Number.isInteger(choices) && choices >= 1 && choices <= 8 ? choices : 1;
}
