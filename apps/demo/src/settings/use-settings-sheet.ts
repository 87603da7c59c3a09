import { useCallback, useState } from 'react';

import { loadSchemas } from './load-schemas.ts';
import type { SettingsSheet } from './sheet/settings-sheet.tsx';

interface UseSettingsSheet {
  /** The open panel; null while it is closed. */
  Sheet: typeof SettingsSheet | null;
  open: () => void;
  close: () => void;
}

/** Loads the settings' panel when it is first opened, since no message needs it to be sent. */
export function useSettingsSheet(onProblem: (problem: string) => void): UseSettingsSheet {
  const [sheet, setSheet] = useState<{ Sheet: typeof SettingsSheet } | null>(null);
  const open = useCallback(() => {
    loadSchemas(() => import('./sheet/settings-sheet.tsx')).then(
      ({ SettingsSheet: Sheet }) => setSheet({ Sheet }),
      () => onProblem('The settings could not be loaded. Reload the page when the gateway is there.'),
    );
  }, [onProblem]);
  const close = useCallback(() => setSheet(null), []);
  return { Sheet: sheet?.Sheet ?? null, open, close };
}
