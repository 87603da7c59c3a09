import type { StreamItem } from '../streams/stream-items.ts';
import type { SurfaceId } from '../streams/surfaces.ts';
import type { ClientKind } from './client-kinds.ts';
import { progressIn } from './progress-readings.ts';

/** What a client gets from a stream: text and progress, text alone, or an exception. */
export interface Verdict {
  takes: 'progress' | 'text' | 'breaks';
  /** Why it breaks. */
  why: string | null;
}

/** Judges a whole stream as one kind of client would read it. */
export function judge(
  { breaks, shows }: Pick<ClientKind, 'breaks' | 'shows'>,
  surface: SurfaceId,
  items: readonly StreamItem[],
): Verdict {
  const why = breaks(items, surface);
  if (why !== null) return { takes: 'breaks', why };
  return { takes: progressIn(items, shows).length > 0 ? 'progress' : 'text', why: null };
}
