import { Logo, MenuIcon, MoonIcon, NewChatIcon, SunIcon } from './icons.tsx';
import { ModelBadge } from './model-badge.tsx';
import type { Gateway } from './use-gateway.ts';
import { useTheme } from './use-theme.ts';

interface HeaderProps {
  gateway: Gateway;
  reconnecting: boolean;
  model: string | null;
  onModel: (id: string) => void;
  /** Null if the chat is already empty. */
  onNewChat: (() => void) | null;
  /** Shows the list of chats in a narrow window. */
  onRail: () => void;
}

export function Header({ gateway, reconnecting, model, onModel, onNewChat, onRail }: HeaderProps) {
  const [theme, toggleTheme] = useTheme();
  const other = theme === 'dark' ? 'light' : 'dark';
  return (
    <header className="header">
      <div className="header-brand">
        <button type="button" className="icon-button rail-button" aria-label="Show the chats" onClick={onRail}>
          <MenuIcon />
        </button>
        <h1 className="brand">
          <Logo />
          <span>Headway</span>
        </h1>
      </div>
      <ModelBadge gateway={gateway} reconnecting={reconnecting} chosen={model} onChoose={onModel} />
      <div className="header-actions">
        <button type="button" className="new-chat" disabled={!onNewChat} title="New chat" onClick={() => onNewChat?.()}>
          <NewChatIcon />
          <span>New chat</span>
        </button>
        <button
          type="button"
          className="icon-button"
          aria-label={`Use the ${other} theme`}
          title={`Use the ${other} theme`}
          onClick={toggleTheme}
        >
          {theme === 'dark' ? <SunIcon /> : <MoonIcon />}
        </button>
      </div>
    </header>
  );
}
