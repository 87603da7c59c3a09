import { useGenerationStore, type GenerationState } from '@headway/client/react';
import { useMemo, useSyncExternalStore } from 'react';

import type { Runs } from './runs.ts';
import { openReplyView } from '../conversation/reply-view.ts';
import type { Reply } from '../storage/records.ts';

/** A reply's state: as stored at its end, else as its generation reports it. */
export function useReply(reply: Reply | null, runs: Pick<Runs, 'get'>): GenerationState {
  const live = useGenerationStore(reply && !reply.result ? (runs.get(reply.generation) ?? null) : null);
  const index = reply?.index ?? 0;
  const view = useMemo(() => openReplyView(live, index), [live, index]);
  return reply?.result ?? view;
}

/** Whether the user has stopped a reply that has not ended yet. */
export function useStopping(reply: Reply | null, runs: Pick<Runs, 'get'>): boolean {
  const store = reply && !reply.result ? runs.get(reply.generation) : undefined;
  return useSyncExternalStore(store?.subscribe ?? subscribeToNothing, () => store?.getState().stopping ?? false);
}

const subscribeToNothing = () => () => undefined;
