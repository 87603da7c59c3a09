import { useMemo, useSyncExternalStore } from 'react';

import { shownBranch, type Exchange } from '../conversation/tree.ts';
import type { Reply } from '../storage/records.ts';
import type { Chats } from './chats.ts';
import type { LibraryState } from './library.ts';
import { useStopping } from './use-reply.ts';

interface ShownChat {
  state: LibraryState;
  /** The branch that is shown. */
  exchanges: readonly Exchange[];
  lastExchange: Exchange | undefined;
  /** The last reply; null if there is none. */
  last: Reply | null;
  /** Whether an answer to the last question runs. */
  busy: boolean;
  /** Whether the user has stopped the last answer, and it has not ended yet. */
  stopping: boolean;
}

/** The chats, and what is shown of the current one. */
export function useShownChat({ library, runs }: Chats): ShownChat {
  const state = useSyncExternalStore(library.subscribe, library.getState);
  const { current, messages } = state;
  const chosen = current?.chosen;
  const exchanges = useMemo(() => (chosen ? shownBranch(messages, chosen) : []), [messages, chosen]);
  const lastExchange = exchanges.at(-1);
  const last = lastExchange?.reply ?? null;
  const busy = lastExchange?.replies.some(({ result }) => result === null) ?? false;
  const stopping = useStopping(last, runs);
  return { state, exchanges, lastExchange, last, busy, stopping };
}
