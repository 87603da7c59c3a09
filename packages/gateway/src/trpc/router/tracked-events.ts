import type { GenerationEvent } from '@headway/protocol';
import { tracked, type TrackedEnvelope } from '@trpc/server';

import { formatEventId } from '../../generations/event-id.ts';
import type { GenerationView } from '../../generations/generation-view.ts';

/** A generation's events, each by the name under which a stream can be taken up again: `<generation>:<seq>`. */
export async function* trackedEvents(
  id: string,
  view: GenerationView,
): AsyncGenerator<TrackedEnvelope<GenerationEvent>, void> {
  for await (const event of view) yield tracked(formatEventId(id, event), event);
}
