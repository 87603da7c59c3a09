import { useState, useSyncExternalStore } from 'react';

import { noSettings, type Settings } from './settings.ts';
import type { SettingsState, SettingsStore } from './settings-store.ts';

interface UseSettingsOptions {
  store: SettingsStore;
  /** The shown conversation; null for a new one. */
  current: { settings: Settings } | null;
  /** The model of a new one; null while unknown. */
  model: string | null;
}

interface UseSettings extends SettingsState {
  /** Those of the shown conversation. A new one has the defaults of its model until the user changes them. */
  settings: Settings;
  /** Changes those of a new conversation; null goes back to the defaults of its model. */
  changeNew: (settings: Settings | null) => void;
}

export function useSettings({ store, current, model }: UseSettingsOptions): UseSettings {
  const state = useSyncExternalStore(store.subscribe, store.getState);
  const [ofNew, changeNew] = useState<Settings | null>(null);
  const defaults = (model !== null && state.defaults.get(model)) || noSettings;
  return { ...state, settings: current?.settings ?? ofNew ?? defaults, changeNew };
}
