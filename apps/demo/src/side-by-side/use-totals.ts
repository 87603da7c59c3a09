import { idleGeneration } from '@headway/client/react';
import { useCallback, useSyncExternalStore } from 'react';

import type { Runs } from '../chats/runs.ts';
import { replyView } from '../conversation/reply-view.ts';
import type { Reply } from '../storage/records.ts';
import { totalsOf, type Totals } from './totals.ts';

/** What several replies come to, as they go on. */
export function useTotals(replies: readonly Reply[], runs: Pick<Runs, 'get'>): Totals {
  const subscribe = useCallback(
    (listener: () => void) => {
      const stores = new Set(replies.flatMap(({ result, generation }) => (result ? [] : (runs.get(generation) ?? []))));
      const leave = [...stores].map((store) => store.subscribe(listener));
      return () => {
        for (const one of leave) one();
      };
    },
    [replies, runs],
  );
  // As a text, so that equal totals are the same value.
  const snapshot = () => JSON.stringify(totalsOf(replies.map((reply) => viewOf(reply, runs))));
  return JSON.parse(useSyncExternalStore(subscribe, snapshot)) as Totals;
}

function viewOf({ result, generation, index }: Reply, runs: Pick<Runs, 'get'>) {
  return result ?? replyView(runs.get(generation)?.getState() ?? idleGeneration, index);
}
