import {
  captureProgress,
  HeadwayError,
  summaryEveryMs,
  toHeadwayError,
  withSummaries,
  type GenerateProgress,
  type Generation,
  type GenerationEvent,
  type SummaryEvent,
  type SummaryOption,
} from '@headway/protocol';

import type { ConnectionManager } from '../connection/connection-manager.ts';
import { GenerationReader } from './generation-reader.ts';

export interface WatchStreamOptions extends GenerateProgress {
  signal?: AbortSignal | undefined;
  connections: ConnectionManager;
  reconnectTimeoutMs: number;
  summary?: SummaryOption | undefined;
}

/** Reads a generation that another client started, from its first event. Cancelling ends the reading, not the generation. */
export function watchGeneration(
  id: string,
  { signal, connections, reconnectTimeoutMs, summary, ...progress }: WatchStreamOptions,
): Generation<GenerationEvent | SummaryEvent> {
  const { report, everyMs, refusal } = capture({ summary, ...progress });
  const reader = new GenerationReader({
    id,
    choices: 1,
    connections,
    reconnectTimeoutMs,
    report,
    signal,
    request: (lastEventId) => ({ kind: 'watch', id, ...(lastEventId && { lastEventId }) }),
    onCancel: () => reader.fail(noLongerWatched(id)),
  });
  if (refusal) reader.fail(refusal);
  else reader.start();
  return everyMs === null ? reader.generation : withSummaries(reader.generation, { everyMs });
}

function capture({ summary, ...progress }: Pick<WatchStreamOptions, 'summary'> & GenerateProgress) {
  let report: ReturnType<typeof captureProgress> = null;
  let everyMs: number | null = null;
  try {
    report = captureProgress(progress);
    everyMs = summaryEveryMs(summary);
    return { report, everyMs, refusal: null };
  } catch (thrown) {
    return { report, everyMs, refusal: toHeadwayError(thrown, 'invalid-request') };
  }
}

function noLongerWatched(id: string): HeadwayError {
  return new HeadwayError('connection-lost', `this client no longer watches the generation ${id}, which goes on`);
}
