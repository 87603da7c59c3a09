import { useEffect, useState } from 'react';

export type Theme = 'light' | 'dark';

const key = 'headway-theme';
const systemDark = matchMedia('(prefers-color-scheme: dark)');

/** The system's theme until the user chooses one. A choice equal to the system's follows the system again. */
export function useTheme(): [theme: Theme, toggle: () => void] {
  const [chosen, setChosen] = useState<Theme | null>(readChoice);
  const [system, setSystem] = useState<Theme>(systemTheme);
  const theme = chosen ?? system;

  useEffect(() => {
    const onChange = () => setSystem(systemTheme());
    systemDark.addEventListener('change', onChange);
    return () => systemDark.removeEventListener('change', onChange);
  }, []);

  useEffect(() => {
    if (chosen) document.documentElement.dataset['theme'] = chosen;
    else delete document.documentElement.dataset['theme'];
    paintBrowserFrame(chosen);
  }, [chosen]);

  const toggle = () => {
    const next = theme === 'dark' ? 'light' : 'dark';
    const choice = next === system ? null : next;
    setChosen(choice);
    storeChoice(choice);
  };

  return [theme, toggle];
}

/** Lets the browser's own frame, for example a phone's status bar, follow the chosen theme. */
function paintBrowserFrame(chosen: Theme | null): void {
  for (const meta of document.querySelectorAll<HTMLMetaElement>('meta[name=theme-color]')) {
    const theme = meta.dataset['theme'];
    if (chosen) meta.media = theme === chosen ? 'all' : 'not all';
    else meta.media = `(prefers-color-scheme: ${theme})`;
  }
}

function systemTheme(): Theme {
  return systemDark.matches ? 'dark' : 'light';
}

function readChoice(): Theme | null {
  try {
    const stored = localStorage.getItem(key);
    return stored === 'light' || stored === 'dark' ? stored : null;
  } catch {
    // The browser may forbid storage; the choice then lasts for this visit.
    return null;
  }
}

function storeChoice(choice: Theme | null): void {
  try {
    if (choice) localStorage.setItem(key, choice);
    else localStorage.removeItem(key);
  } catch {
    // As above.
  }
}
