import { memo, useCallback, useMemo, useState } from 'react';

import type { Library, LibraryState } from '../chats/library.ts';
import { chooseFile } from './choose-file.ts';
import { conversationMarkdown } from '../conversation/conversation-markdown.ts';
import { shownBranch } from '../conversation/tree.ts';
import { loadSchemas } from '../settings/load-schemas.ts';
import { exportJson } from '../storage/export-conversations.ts';
import { ConversationList } from './conversation-list.tsx';
import { fileName, saveFile } from './save-file.ts';

interface ChatPanelProps {
  library: Library;
  state: LibraryState;
  onShow: (id: string) => void;
  onDelete: (id: string) => void;
  /** Says why a file could not be imported. */
  onNotice: (notice: string | null) => void;
}

/** The list of chats, and what can be done with all of them. It does not render when the user writes. */
export const ChatPanel = memo(function ChatPanel({ library, state, onShow, onDelete, onNotice }: ChatPanelProps) {
  const { conversations, current, lasting, open } = state;
  const [imported, setImported] = useState<string | null>(null);
  const running = useMemo(() => new Set(open.map(({ conversation }) => conversation)), [open]);
  const rename = useCallback(
    (id: string, title: string) => library.update(id, (one) => ({ ...one, title, named: true })),
    [library],
  );
  const pin = useCallback(
    (id: string, pinned: boolean) => library.update(id, (one) => ({ ...one, pinned })),
    [library],
  );
  const texts = useCallback(() => library.texts(), [library]);
  const report = useCallback(
    (work: Promise<unknown>) => {
      work.catch(() => onNotice('The browser’s storage could not be used. Reload the page and try again.'));
    },
    [onNotice],
  );

  const exportOne = useCallback(
    (id: string) => {
      const write = async () => {
        const conversation = library.getState().conversations.find((one) => one.id === id);
        if (!conversation) return;
        const branch = shownBranch(await library.messagesOf(id), conversation.chosen);
        saveFile(fileName(conversation.title, 'md'), 'text/markdown', conversationMarkdown(conversation.title, branch));
      };
      report(write());
    },
    [library, report],
  );
  const exportAll = async () => {
    const messages = await Promise.all(conversations.map(({ id }) => library.messagesOf(id)));
    saveFile('headway-chats.json', 'application/json', exportJson(conversations, messages.flat()));
  };
  const importFile = async (file: File) => {
    setImported(null);
    onNotice(null);
    const { importConversations } = await loadSchemas(() => import('../storage/import-conversations.ts'));
    const read = importConversations(await file.text());
    if ('problem' in read) return onNotice(`“${file.name}” ${read.problem}`);
    const count = await library.put(read.conversations, read.messages);
    setImported(importedText(count));
  };

  return (
    <>
      <ConversationList
        ready={state.ready}
        conversations={conversations}
        current={current?.id ?? null}
        running={running}
        texts={texts}
        onShow={onShow}
        onRename={rename}
        onPin={pin}
        onExport={exportOne}
        onDelete={onDelete}
      />
      <div className="rail-foot">
        {!lasting && <p>This browser keeps no chats: they are gone when the page is closed.</p>}
        {imported !== null && <p role="status">{imported}</p>}
        <button type="button" onClick={() => chooseFile('.json,application/json', (file) => report(importFile(file)))}>
          Import
        </button>
        <button type="button" disabled={conversations.length === 0} onClick={() => report(exportAll())}>
          Export all
        </button>
      </div>
    </>
  );
});

function importedText(count: number): string {
  if (count === 0) return 'Everything in the file is here already.';
  return count === 1 ? '1 chat imported.' : `${count} chats imported.`;
}
