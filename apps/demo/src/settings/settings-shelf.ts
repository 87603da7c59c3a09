import type { Preset } from './presets.ts';
import type { Settings } from './settings.ts';

/** What new chats with a model begin with. */
export interface ModelSettings {
  model: string;
  settings: Settings;
}

/** Where settings are kept. */
export interface SettingsShelf {
  /** The user's own presets, in no order. */
  presets(): Promise<Preset[]>;
  putPreset(preset: Preset): Promise<void>;
  removePreset(id: string): Promise<void>;
  modelSettings(): Promise<ModelSettings[]>;
  /** Null removes those of the model. */
  putModelSettings(model: string, settings: Settings | null): Promise<void>;
}
