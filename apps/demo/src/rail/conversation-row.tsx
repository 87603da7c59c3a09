import { memo, useState } from 'react';

import { shorten } from '../conversation/title.ts';
import { DotsIcon, PinIcon } from '../shell/icons.tsx';
import type { Conversation } from '../storage/records.ts';

interface ConversationRowProps {
  conversation: Conversation;
  excerpt: string | null;
  shown: boolean;
  running: boolean;
  onShow: (id: string) => void;
  onRename: (id: string, title: string) => void;
  onPin: (id: string, pinned: boolean) => void;
  onExport: (id: string) => void;
  onDelete: (id: string) => void;
}

/** A conversation in the list, with a menu of what can be done with it. */
export const ConversationRow = memo(function ConversationRow(props: ConversationRowProps) {
  const { conversation, excerpt, shown, running, onShow, onRename, onPin, onExport, onDelete } = props;
  const { id, title, pinned } = conversation;
  const [renaming, setRenaming] = useState(false);
  const [open, setOpen] = useState(false);
  const choose = (action: () => void) => () => {
    setOpen(false);
    action();
  };

  if (renaming) {
    const rename = (next: string) => {
      const trimmed = shorten(next.replaceAll(/\s+/g, ' ').trim());
      if (trimmed !== '' && trimmed !== title) onRename(id, trimmed);
      setRenaming(false);
      setOpen(false);
    };
    return (
      <li className="conversation" data-shown={shown || undefined}>
        <input
          className="rename-box"
          aria-label="Title of the chat"
          defaultValue={title}
          autoFocus
          onFocus={(event) => event.currentTarget.select()}
          onBlur={(event) => rename(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.nativeEvent.isComposing) return;
            if (event.key === 'Enter') rename(event.currentTarget.value);
            if (event.key !== 'Escape') return;
            event.stopPropagation();
            setRenaming(false);
          }}
        />
      </li>
    );
  }

  return (
    <li className="conversation" data-shown={shown || undefined}>
      <button
        type="button"
        className="conversation-title"
        aria-current={shown ? 'page' : undefined}
        onClick={() => onShow(id)}
        onDoubleClick={() => setRenaming(true)}
      >
        {pinned && <PinIcon />}
        <span className="conversation-name">
          {title}
          {running && <span className="visually-hidden">, an answer is running</span>}
        </span>
        {running && <span className="state-dot" data-tone="busy" />}
        {excerpt !== null && <span className="conversation-excerpt">{excerpt}</span>}
      </button>
      <button
        type="button"
        className="small-icon-button"
        aria-label={`What to do with “${title}”`}
        title="Rename, pin, export, delete"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        <DotsIcon />
      </button>
      {open && (
        <div className="conversation-menu" role="group" aria-label={`What to do with “${title}”`}>
          <button type="button" onClick={() => setRenaming(true)}>
            Rename
          </button>
          <button type="button" onClick={choose(() => onPin(id, !pinned))}>
            {pinned ? 'Unpin' : 'Pin'}
          </button>
          <button type="button" onClick={choose(() => onExport(id))}>
            Export
          </button>
          <button type="button" className="menu-danger" onClick={choose(() => onDelete(id))}>
            Delete
          </button>
        </div>
      )}
    </li>
  );
});
