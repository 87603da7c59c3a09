import {
  captureProgress,
  HeadwayError,
  toHeadwayError,
  type GenerateProgress,
  type Generation,
} from '@headway/protocol';

import type { GatewayLink } from '../connection/connection-manager.ts';
import { GenerationReader } from './generation-reader.ts';

export interface WatchStreamOptions extends GenerateProgress {
  signal?: AbortSignal | undefined;
  link: GatewayLink;
  reconnectTimeoutMs: number;
}

/** Reads a generation that somebody else started, from its first event. Leaving it ends no more than the reading. */
export function watchGeneration(
  id: string,
  { signal, link, reconnectTimeoutMs, ...progress }: WatchStreamOptions,
): Generation {
  const { report, refusal } = capture(progress);
  const reader = new GenerationReader({
    id,
    choices: 1,
    link,
    reconnectTimeoutMs,
    report,
    signal,
    request: (lastEventId) => ({ kind: 'watch', id, ...(lastEventId && { lastEventId }) }),
    onLeave: () => reader.fail(noLongerWatched(id)),
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
  return new HeadwayError('connection-lost', `the generation ${id} is no longer watched from here; it goes on`);
}
