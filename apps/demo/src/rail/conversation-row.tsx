import { memo, useEffect, useRef, useState } from 'react';

import { DotsIcon, PinIcon } from '../shell/icons.tsx';
import type { Conversation } from '../storage/records.ts';
import { RenameBox } from './rename-box.tsx';

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
  const [state, setState] = useState<'closed' | 'menu' | 'renaming'>('closed');
  const row = useRef<HTMLLIElement>(null);
  const dots = useRef<HTMLButtonElement>(null);
  const returns = useRef(false);
  useEffect(() => {
    if (state !== 'closed' || !returns.current) return;
    returns.current = false;
    dots.current?.focus();
  }, [state]);
  /** Closes the menu or the box; the focus goes back to the button. */
  const close = (action?: () => void) => {
    returns.current = row.current?.contains(document.activeElement) ?? false;
    setState('closed');
    action?.();
  };
  const open = state === 'menu';

  if (state === 'renaming') {
    return (
      <li className="conversation" data-shown={shown || undefined} ref={row}>
        <RenameBox title={title} onEnd={(next) => close(() => next !== null && onRename(id, next))} />
      </li>
    );
  }

  return (
    <li
      className="conversation"
      data-shown={shown || undefined}
      ref={row}
      onBlur={(event) => {
        if (open && event.relatedTarget && !event.currentTarget.contains(event.relatedTarget)) setState('closed');
      }}
      onKeyDown={(event) => {
        if (!open || event.key !== 'Escape') return;
        // It neither closes the rail nor stops an answer.
        event.preventDefault();
        event.stopPropagation();
        close();
      }}
    >
      <button
        type="button"
        className="conversation-title"
        aria-current={shown ? 'page' : undefined}
        onClick={() => onShow(id)}
        onDoubleClick={() => setState('renaming')}
      >
        {pinned && <PinIcon />}
        <span className="conversation-name">
          {title}
          {running && <span className="visually-hidden"> (an answer is running)</span>}
        </span>
        {running && <span className="state-dot" data-tone="busy" />}
        {excerpt !== null && <span className="conversation-excerpt">{excerpt}</span>}
      </button>
      <button
        ref={dots}
        type="button"
        className="small-icon-button"
        aria-label={`What to do with “${title}”`}
        title="Rename, pin, export, delete"
        aria-expanded={open}
        onClick={() => setState(open ? 'closed' : 'menu')}
      >
        <DotsIcon />
      </button>
      {open && (
        <div className="conversation-menu" role="group" aria-label={`What to do with “${title}”`}>
          <button type="button" onClick={() => setState('renaming')}>
            Rename
          </button>
          <button type="button" onClick={() => close(() => onPin(id, !pinned))}>
            {pinned ? 'Unpin' : 'Pin'}
          </button>
          <button type="button" onClick={() => close(() => onExport(id))}>
            Export
          </button>
          <button type="button" className="menu-danger" onClick={() => onDelete(id)}>
            Delete
          </button>
        </div>
      )}
    </li>
  );
});
