import { useCallback, useEffect, useState } from 'react';

import { showConversation } from '../chats/address.ts';
import type { Chats } from '../chats/chats.ts';
import type { LibraryState } from '../chats/library.ts';
import { readTab, writeTab } from '../shell/tab-storage.ts';
import { UndoNotice } from './undo-notice.tsx';

const key = 'headway-deleted';

/**
 * Deletes chats, with a notice that offers to undo it, the last one first. A reload keeps the notice, until the user closes
 * it or the chat is gone for good.
 */
export function useDeletion(chats: Chats, { ready, deleted }: LibraryState) {
  const [ids, setIds] = useState<readonly string[]>(() => readTab(key)?.split(' ') ?? []);
  useEffect(() => void writeTab(key, ids.length > 0 ? ids.join(' ') : null), [ids]);
  // After a reload nobody waits for the notice; after a deletion the row that had the focus is gone.
  const [focused, setFocused] = useState(false);

  const remove = useCallback(
    (id: string) => {
      chats.delete(id);
      setFocused(true);
      setIds((before) => [...before, id]);
    },
    [chats],
  );
  const last = ready ? ids.findLast((id) => deleted.some((one) => one.id === id)) : undefined;
  const gone = deleted.find(({ id }) => id === last);
  const notice = gone && (
    <UndoNotice
      key={gone.id}
      text={`Deleted “${gone.title}”.`}
      focused={focused}
      onUndo={() => {
        chats.library.restore(gone.id);
        showConversation(gone.id);
        setIds((before) => before.filter((id) => id !== gone.id));
      }}
      onClose={() => setIds([])}
    />
  );
  return { remove, notice };
}
