import {
  captureProgress,
  createGenerationId,
  fieldError,
  HeadwayError,
  maxBodyBytes,
  summaryEveryMs,
  toHeadwayError,
  withSummaries,
  type GenerateInput,
  type GenerateProgress,
  type Generation,
  type GenerationEvent,
  type SummaryEvent,
  type SummaryOption,
} from '@headway/protocol';

import type { ConnectionManager } from '../connection/connection-manager.ts';
import { choiceCount } from './choice-count.ts';
import { GenerationReader } from './generation-reader.ts';

export interface StreamOptions extends GenerateProgress {
  signal?: AbortSignal | undefined;
  connections: ConnectionManager;
  reconnectTimeoutMs: number;
  summary?: SummaryOption | undefined;
}

/** Starts a generation on the gateway. Never throws: errors arrive as the generation's `error` event. */
export function streamGeneration(
  input: GenerateInput,
  { signal, connections, reconnectTimeoutMs, summary, ...progress }: StreamOptions,
): Generation<GenerationEvent | SummaryEvent> {
  const id = input?.id ?? createGenerationId();
  const { report, everyMs, refusal } = prepare(input, { summary, ...progress });
  const reader = new GenerationReader({
    id,
    choices: choiceCount(input?.choices),
    connections,
    reconnectTimeoutMs,
    report,
    signal,
    request: (lastEventId) => ({ kind: 'generate', input: { ...input, id, ...(lastEventId && { lastEventId }) } }),
    onCancel: () => void cancel(),
  });

  async function cancel(): Promise<void> {
    reader.holdBack();
    // Until the first event, an id that the caller chose may belong to another generation.
    const ownsId = reader.begun || input.id === undefined;
    try {
      // The gateway then ends the stream with `cancelled`, usage and timings, unless it has ended already.
      if (ownsId && reader.sent) {
        const cancelled = await connections.ask((gateway) => gateway.cancel(id));
        if (reader.begun || (cancelled && reader.live)) return;
      }
    } catch (thrown) {
      return reader.fail(thrown);
    }
    reader.endCancelled();
  }

  if (refusal) reader.fail(refusal);
  else reader.start();
  if (everyMs === null) return reader.generation;
  return withSummaries(reader.generation, {
    everyMs,
    choices: choiceCount(input?.choices),
    maxTokens: tokenLimit(input?.maxTokens),
  });
}

/** Checks what can be checked before the request is sent. */
function prepare(input: GenerateInput, { summary, ...progress }: Pick<StreamOptions, 'summary'> & GenerateProgress) {
  let report: ReturnType<typeof captureProgress> = null;
  let everyMs: number | null = null;
  try {
    // First, so that the progress hooks receive a refusal, too.
    report = captureProgress(progress, {
      maxTokens: completionBound(input),
      progressIntervalMs: input?.progressIntervalMs,
    });
    everyMs = summaryEveryMs(summary);
    checkSize(input);
    return { report, everyMs, refusal: null };
  } catch (thrown) {
    return { report, everyMs, refusal: toHeadwayError(thrown, 'invalid-request') };
  }
}

/** The most tokens of all choices together; undefined when the unchecked request does not say. */
function completionBound(input: GenerateInput): number | undefined {
  const { maxTokens, choices } = input ?? {};
  const limit = tokenLimit(maxTokens);
  return limit && limit * choiceCount(choices);
}

/** The most tokens of each choice; undefined for a limit that the gateway will refuse. */
function tokenLimit(maxTokens: number | undefined): number | undefined {
  return Number.isInteger(maxTokens) ? maxTokens : undefined;
}

/** Refuses a request bigger than one frame may be: the gateway would close the socket with every stream on it. */
function checkSize(input: GenerateInput): void {
  if (typeof input !== 'object' || input === null) {
    throw fieldError({ path: [], message: "must be an object, such as { prompt: 'Hello' }" });
  }
  const bytes = new TextEncoder().encode(JSON.stringify(input)).length;
  if (bytes <= maxBodyBytes - frameBytes) return;
  throw new HeadwayError(
    'invalid-request',
    `the request has ${bytes} bytes, and a gateway accepts ${maxBodyBytes}; send a shorter prompt`,
  );
}

/** Room for the fields that tRPC adds to a request. */
const frameBytes = 1024;
