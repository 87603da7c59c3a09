import type { ReactNode } from 'react';

import { CloseIcon } from '../shell/icons.tsx';

interface RailProps {
  /** Whether a narrow window shows the rail over the chat. A wide one always shows it. */
  open: boolean;
  onClose: () => void;
  children: ReactNode;
}

/** The column beside the chat. In a narrow window it lies over the chat until it is closed. */
export function Rail({ open, onClose, children }: RailProps) {
  return (
    <>
      {open && <div className="rail-veil" onClick={onClose} />}
      <nav
        className="rail"
        data-open={open || undefined}
        aria-label="Chats and gateway"
        onKeyDown={(event) => {
          if (event.key !== 'Escape' || !open) return;
          event.stopPropagation();
          onClose();
        }}
      >
        <button type="button" className="icon-button rail-close" aria-label="Close the list" onClick={onClose}>
          <CloseIcon />
        </button>
        {children}
      </nav>
    </>
  );
}
