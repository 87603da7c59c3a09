import type { StreamItem } from '../streams/stream-items.ts';
import type { SurfaceId } from '../streams/surfaces.ts';
import type { ClientKind } from './client-kinds.ts';
import { progressIn } from './progress-readings.ts';

/** What a client gets out of a stream: the text and the prompt's progress, the text alone, or an exception. */
export interface Verdict {
  takes: 'progress' | 'text' | 'breaks';
  /** Why it breaks. */
  why: string | null;
}

/** What a kind of client makes of a stream that came whole. */
export function judge(
  { breaks, hears }: Pick<ClientKind, 'breaks' | 'hears'>,
  surface: SurfaceId,
  items: readonly StreamItem[],
): Verdict {
  const why = breaks(items, surface);
  if (why !== null) return { takes: 'breaks', why };
  return { takes: progressIn(items, hears).length > 0 ? 'progress' : 'text', why: null };
}
