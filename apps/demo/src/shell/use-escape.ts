import { useEffect } from 'react';

/** Runs `action` when Esc is pressed and nothing else took it, while `active`. */
export function useEscape(active: boolean, action: () => void): void {
  useEffect(() => {
    if (!active) return;
    const onKey = (event: KeyboardEvent) => {
      if (event.key === 'Escape' && !event.defaultPrevented && !event.isComposing) action();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [active, action]);
}
