import type { GenerationEvent } from '@headway/protocol';
import { tracked, type TrackedEnvelope } from '@trpc/server';

import { formatEventId } from '../../generations/event-id.ts';
import type { GenerationView } from '../../generations/generation-view.ts';

/** A generation's events, each with the id from which a client can resume the stream: `<generation>:<seq>`. */
export async function* trackedEvents(
  id: string,
  view: GenerationView,
): AsyncGenerator<TrackedEnvelope<GenerationEvent>, void> {
  for await (const event of view) yield tracked(formatEventId(id, event), event);
}
