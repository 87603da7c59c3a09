import { useDeferredValue, useEffect, useMemo, useState } from 'react';

import { emptyIndex, search, searchIndex } from '../conversation/search-text.ts';
import type { Conversation } from '../storage/records.ts';
import { SearchIcon } from '../shell/icons.tsx';
import { ConversationRow } from './conversation-row.tsx';

interface ConversationListProps {
  /** Whether the conversations are known. */
  ready: boolean;
  conversations: readonly Conversation[];
  current: string | null;
  running: ReadonlySet<string>;
  /** Reads what the search looks through. */
  texts: () => Promise<ReadonlyMap<string, string>>;
  onShow: (id: string) => void;
  onRename: (id: string, title: string) => void;
  onPin: (id: string, pinned: boolean) => void;
  onExport: (id: string) => void;
  onDelete: (id: string) => void;
}

/** The conversations with a search over their titles and texts. */
export function ConversationList({ ready, conversations, current, running, texts, ...actions }: ConversationListProps) {
  const [query, setQuery] = useState('');
  const asked = useDeferredValue(query);
  const [index, setIndex] = useState(emptyIndex);
  const [focused, setFocused] = useState(false);
  const searching = asked.trim() !== '';
  // The texts are there when the first word is written.
  const reads = searching || focused;

  useEffect(() => {
    if (!reads) return;
    let over = false;
    // Without the texts, the search still finds titles.
    texts().then(
      (read) => !over && setIndex((before) => searchIndex(read, before)),
      () => undefined,
    );
    return () => {
      over = true;
    };
  }, [reads, conversations, texts]);

  const findings = useMemo(() => search(conversations, index, asked), [conversations, index, asked]);
  return (
    <>
      <label className="search-box">
        <SearchIcon />
        <input
          type="search"
          aria-label="Search the chats"
          placeholder="Search"
          value={query}
          onFocus={() => setFocused(true)}
          onBlur={() => setFocused(false)}
          onChange={(event) => setQuery(event.currentTarget.value)}
        />
      </label>
      {searching && (
        <p className="visually-hidden" role="status">
          {`${findings.length} ${findings.length === 1 ? 'chat' : 'chats'} found`}
        </p>
      )}
      {findings.length === 0 ? (
        <p className="rail-empty">{searching ? 'Nothing found.' : ready && 'Your chats will be listed here.'}</p>
      ) : (
        <ul className="conversations">
          {findings.map(({ conversation, excerpt }) => (
            <ConversationRow
              key={conversation.id}
              conversation={conversation}
              excerpt={excerpt}
              shown={conversation.id === current}
              running={running.has(conversation.id)}
              {...actions}
            />
          ))}
        </ul>
      )}
    </>
  );
}
