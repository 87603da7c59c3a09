import { useId, useRef, type KeyboardEvent, type ReactNode } from 'react';

export type RailTab = 'chats' | 'gateway';

const tabs: readonly { id: RailTab; label: string }[] = [
  { id: 'chats', label: 'Chats' },
  { id: 'gateway', label: 'Gateway' },
];

interface RailTabsProps {
  shown: RailTab;
  onShow: (tab: RailTab) => void;
  children: ReactNode;
}

/** The rail's two sides: the chats, and what the gateway does. The arrow keys change between them. */
export function RailTabs({ shown, onShow, children }: RailTabsProps) {
  const panel = useId();
  const list = useRef<HTMLDivElement>(null);
  const onKey = (event: KeyboardEvent) => {
    if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return;
    event.preventDefault();
    const other = shown === 'chats' ? 'gateway' : 'chats';
    onShow(other);
    list.current?.querySelector<HTMLElement>(`[data-tab=${other}]`)?.focus();
  };
  return (
    <>
      <div className="rail-tabs" role="tablist" aria-label="What to show beside the chat" ref={list}>
        {tabs.map(({ id, label }) => (
          <button
            key={id}
            type="button"
            role="tab"
            data-tab={id}
            id={`${panel}-${id}`}
            aria-selected={shown === id}
            aria-controls={panel}
            tabIndex={shown === id ? 0 : -1}
            onClick={() => onShow(id)}
            onKeyDown={onKey}
          >
            {label}
          </button>
        ))}
      </div>
      <div className="rail-panel" role="tabpanel" id={panel} aria-labelledby={`${panel}-${shown}`}>
        {children}
      </div>
    </>
  );
}
