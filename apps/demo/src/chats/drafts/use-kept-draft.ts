import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';

import type { Shelf } from '../../storage/shelf.ts';
import { createDraftKeeper } from './draft-keeper.ts';
import { foundDraft } from './found-draft.ts';
import { forgetHurried, keepHurried, takeHurried } from './hurried-draft.ts';
import { emptyDraft, type Draft } from '../../composer/draft.ts';

/** Key of the draft of a conversation that has no message yet. */
const ofNew = 'new';

/**
 * Keeps a draft for each conversation, also when the page is closed.
 *
 * @param replace puts the stored draft of another conversation into the message box; the same function at every render
 * @returns `known`, whether the box has the conversation's draft, and `sent`, to call when the draft was sent
 */
export function useKeptDraft(
  shelf: Shelf,
  conversation: string | null,
  draft: Draft,
  replace: (draft: Draft) => void,
): { known: boolean; sent: () => void } {
  const key = conversation ?? ofNew;
  const keeper = useMemo(() => createDraftKeeper(shelf), [shelf]);
  const [shown, setShown] = useState<string | null>(null);
  /** The conversation whose draft the box holds, and the draft that needs no storing. */
  const held = useRef<{ key: string; stored: Draft } | null>(null);

  const box = useRef(draft);
  useLayoutEffect(() => {
    box.current = draft;
  });

  useEffect(() => {
    let over = false;
    const before = box.current;
    const show = (stored: Draft) => {
      if (over) return;
      held.current = { key, stored };
      setShown(key);
      const found = foundDraft(stored, before, box.current);
      if (found !== box.current) replace(found);
      else if (found !== stored) keeper.note(key, found);
    };
    const hurried = takeHurried(key);
    if (hurried) keeper.note(key, hurried);
    const read = hurried ? Promise.resolve(hurried) : shelf.draft(key);
    read.then(
      (stored) => show(stored ?? emptyDraft),
      () => show(emptyDraft),
    );
    return () => {
      over = true;
      keeper.flush();
    };
  }, [shelf, keeper, key, replace]);

  useEffect(() => {
    if (held.current?.key === key && held.current.stored !== draft) keeper.note(key, draft);
  }, [keeper, key, draft]);

  useEffect(() => {
    const listening = new AbortController();
    const { signal } = listening;
    const leave = () => {
      const due = keeper.due();
      if (due) keepHurried(due.key, due.draft);
      keeper.flush();
    };
    globalThis.addEventListener('pagehide', leave, { signal });
    // A page that comes back has its draft still.
    globalThis.addEventListener('pageshow', ({ persisted }) => persisted && forgetHurried(), { signal });
    // A phone may end a page in the background without more words.
    document.addEventListener('visibilitychange', keeper.flush, { signal });
    return () => listening.abort();
  }, [keeper]);

  const sent = useCallback(() => {
    keeper.note(key, emptyDraft);
    keeper.flush();
  }, [keeper, key]);
  return { known: shown === key, sent };
}
