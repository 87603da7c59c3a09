import type { Generation, GenerationEvent } from '@headway/protocol';
import { tracked, type TrackedEnvelope } from '@trpc/server';

export interface TrackedEventsOptions {
  /** Ends the stream at once; whoever aborts it has told the engine. */
  signal?: AbortSignal | undefined;
  /** Waits until the reader can take more. */
  drained?: () => Promise<void> | undefined;
}

/** A generation's events, each by the name under which a stream can be taken up again: `<generation>:<seq>`. */
export async function* trackedEvents(
  generation: Generation,
  { signal, drained }: TrackedEventsOptions = {},
): AsyncGenerator<TrackedEnvelope<GenerationEvent>, void> {
  const events = generation[Symbol.asyncIterator]();
  // Wakes the `next()` below: tRPC runs `finally` only after the pending await.
  const stop = () => void events.return?.();
  if (signal?.aborted) stop();
  signal?.addEventListener('abort', stop, { once: true });
  try {
    for (;;) {
      await drained?.();
      const { done, value } = await events.next();
      if (done) return;
      yield tracked(`${generation.id}:${value.seq}`, value);
    }
  } finally {
    signal?.removeEventListener('abort', stop);
    stop();
  }
}
