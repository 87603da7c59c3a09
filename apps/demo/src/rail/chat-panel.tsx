import { useCallback } from 'react';

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
  running: ReadonlySet<string>;
  onShow: (id: string) => void;
  onDelete: (id: string) => void;
  /** Says why a file could not be imported. */
  onNotice: (notice: string | null) => void;
}

/** The list of chats, and what can be done with all of them. */
export function ChatPanel({ library, state, running, onShow, onDelete, onNotice }: ChatPanelProps) {
  const { conversations, current, lasting } = state;
  const rename = useCallback(
    (id: string, title: string) => library.update(id, (one) => ({ ...one, title, named: true })),
    [library],
  );
  const pin = useCallback(
    (id: string, pinned: boolean) => library.update(id, (one) => ({ ...one, pinned })),
    [library],
  );
  const texts = useCallback(() => library.texts(), [library]);

  const exportOne = useCallback(
    async (id: string) => {
      const conversation = library.getState().conversations.find((one) => one.id === id);
      if (!conversation) return;
      const branch = shownBranch(await library.messagesOf(id), conversation.chosen);
      saveFile(fileName(conversation.title, 'md'), 'text/markdown', conversationMarkdown(conversation.title, branch));
    },
    [library],
  );
  const exportAll = async () => {
    const messages = await Promise.all(conversations.map(({ id }) => library.messagesOf(id)));
    saveFile('headway-chats.json', 'application/json', exportJson(conversations, messages.flat()));
  };
  const importFile = async (file: File) => {
    const { importConversations } = await loadSchemas(() => import('../storage/import-conversations.ts'));
    const read = importConversations(await file.text());
    if ('problem' in read) return onNotice(`“${file.name}” ${read.problem}`);
    await library.put(read.conversations, read.messages);
  };
  const report = (work: Promise<unknown>) => {
    work.catch(() => onNotice('The browser’s storage could not be read. Reload the page and try again.'));
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
        onExport={(id) => report(exportOne(id))}
        onDelete={onDelete}
      />
      <div className="rail-foot">
        {!lasting && <p>This browser keeps no chats: they are gone when the page is closed.</p>}
        <button type="button" onClick={() => chooseFile('.json,application/json', (file) => report(importFile(file)))}>
          Import
        </button>
        <button type="button" disabled={conversations.length === 0} onClick={() => report(exportAll())}>
          Export all
        </button>
      </div>
    </>
  );
}
