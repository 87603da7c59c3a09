import type { Shelf } from '../../storage/shelf.ts';
import { isEmpty, type Draft } from '../../composer/draft.ts';

/** A draft is stored this long after its last change, in ms. */
const afterMs = 400;

/** Stores drafts a moment after the last change, one conversation at a time. */
export interface DraftKeeper {
  /** Notes a change. The draft of another conversation is stored at once. */
  note(key: string, draft: Draft): void;
  /** Stores what is noted and not stored yet. */
  flush: () => void;
  /** What is noted and not stored yet; null if nothing is. */
  due(): { key: string; draft: Draft } | null;
}

export function createDraftKeeper(shelf: Pick<Shelf, 'putDraft'>): DraftKeeper {
  let noted: { key: string; draft: Draft } | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function flush(): void {
    clearTimeout(timer);
    const due = noted;
    noted = null;
    // A draft that cannot be stored lasts until the page is closed.
    if (due) shelf.putDraft(due.key, isEmpty(due.draft) ? null : due.draft).catch(() => undefined);
  }

  return {
    note(key, draft) {
      if (noted && noted.key !== key) flush();
      noted = { key, draft };
      clearTimeout(timer);
      timer = setTimeout(flush, afterMs);
    },
    flush,
    due: () => noted,
  };
}
