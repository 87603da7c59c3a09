import { useRef } from 'react';

import { shorten } from '../conversation/title.ts';

interface RenameBoxProps {
  title: string;
  /** Gets the new title; null for the old one. */
  onEnd: (title: string | null) => void;
}

/** A box for a chat's title. Enter and leaving it take the title, Esc does not. */
export function RenameBox({ title, onEnd }: RenameBoxProps) {
  const ended = useRef(false);
  const end = (written: string | null) => {
    // A browser may report the end of the focus when the box goes.
    if (ended.current) return;
    ended.current = true;
    const next = shorten(written?.replaceAll(/\s+/g, ' ').trim() ?? '');
    onEnd(next === '' || next === title ? null : next);
  };
  return (
    <input
      className="rename-box"
      aria-label="Title of the chat"
      defaultValue={title}
      maxLength={200}
      autoFocus
      onFocus={(event) => event.currentTarget.select()}
      onBlur={(event) => end(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.nativeEvent.isComposing) return;
        if (event.key !== 'Enter' && event.key !== 'Escape') return;
        // Esc neither closes the rail nor stops an answer, and Enter does not press the button that gets the focus.
        event.preventDefault();
        event.stopPropagation();
        end(event.key === 'Enter' ? event.currentTarget.value : null);
      }}
    />
  );
}
