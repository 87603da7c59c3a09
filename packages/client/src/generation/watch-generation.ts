import {
  captureProgress,
  HeadwayError,
  toHeadwayError,
  type GenerateProgress,
  type Generation,
} from '@headway/protocol';

import type { ConnectionManager } from '../connection/connection-manager.ts';
import { GenerationReader } from './generation-reader.ts';

export interface WatchStreamOptions extends GenerateProgress {
  signal?: AbortSignal | undefined;
  connections: ConnectionManager;
  reconnectTimeoutMs: number;
}

/** Reads a generation that another client started, from its first event. Cancelling ends the reading, not the generation. */
export function watchGeneration(
  id: string,
  { signal, connections, reconnectTimeoutMs, ...progress }: WatchStreamOptions,
): Generation {
  const { report, refusal } = capture(progress);
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
  return reader.generation;
}

function capture(progress: GenerateProgress) {
  try {
    return { report: captureProgress(progress), refusal: null };
  } catch (thrown) {
    return { report: null, refusal: toHeadwayError(thrown, 'invalid-request') };
  }
}

function noLongerWatched(id: string): HeadwayError {
  return new HeadwayError('connection-lost', `this client no longer watches the generation ${id}, which goes on`);
}
