import { useCallback, useState } from 'react';

import { showConversation } from '../chats/address.ts';
import type { Library, LibraryState } from '../chats/library.ts';
import { UndoNotice } from './undo-notice.tsx';

/** Deletes chats, with a notice that offers to undo it. */
export function useDeletion(library: Library, state: LibraryState) {
  const [deleted, setDeleted] = useState<string | null>(null);
  const remove = useCallback(
    (id: string) => {
      library.delete(id);
      setDeleted(id);
    },
    [library],
  );
  const gone = state.lastDeleted?.id === deleted ? state.lastDeleted : null;
  const notice = gone && (
    <UndoNotice
      text={`Deleted “${gone.title}”.`}
      onUndo={() => {
        library.restore(gone.id);
        showConversation(gone.id);
        setDeleted(null);
      }}
      onClose={() => setDeleted(null)}
    />
  );
  return { remove, notice };
}
