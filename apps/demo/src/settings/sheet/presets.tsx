import { useState } from 'react';

import { CloseIcon, EditIcon } from '../../shell/icons.tsx';
import {
  builtInPresets,
  presetNamed,
  presetNameFault,
  sameName,
  samplingPreset,
  sameSettings,
  withSampling,
  type Preset,
} from '../presets.ts';
import type { SettingsStore } from '../settings-store.ts';
import type { Settings } from '../settings.ts';
import { PresetNameForm } from './preset-name-form.tsx';

interface PresetsProps {
  /** The user's own. */
  presets: readonly Preset[];
  settings: Settings;
  /** Whether all fields are valid, so that what is shown can be saved. */
  savable: boolean;
  store: Pick<SettingsStore, 'savePreset' | 'removePreset'>;
  onUse: (settings: Settings) => void;
}

/** Named sets of settings to choose from, and what is set now to save as one. */
export function Presets({ presets, settings, savable, store, onUse }: PresetsProps) {
  const [renamed, setRenamed] = useState<string | null>(null);
  const builtIn = samplingPreset(settings);
  return (
    <section className="sheet-section">
      <h3>Presets</h3>
      <fieldset className="setting">
        <legend>Sampling</legend>
        <div className="segments">
          {builtInPresets.map((preset) => (
            <label key={preset.id} title={preset.hint}>
              <input
                type="radio"
                name="preset"
                checked={builtIn?.id === preset.id}
                onChange={() => onUse(withSampling(settings, preset))}
              />
              <span>{preset.name}</span>
            </label>
          ))}
        </div>
      </fieldset>
      {presets.length > 0 && (
        <ul className="preset-list" aria-label="Your presets">
          {presets.map((preset) => (
            <li key={preset.id}>
              {renamed === preset.id ? (
                <PresetNameForm
                  label={`New name of ${preset.name}`}
                  action="Rename"
                  value={preset.name}
                  faultOf={(name) => presetNameFault(presets, name, preset)}
                  onName={(name) => {
                    store.savePreset({ ...preset, name });
                    setRenamed(null);
                  }}
                  onCancel={() => setRenamed(null)}
                />
              ) : (
                <>
                  <button
                    type="button"
                    className="preset-name"
                    aria-pressed={sameSettings(preset.settings, settings)}
                    onClick={() => onUse(preset.settings)}
                  >
                    {preset.name}
                  </button>
                  <button
                    type="button"
                    className="icon-button"
                    aria-label={`Rename ${preset.name}`}
                    title="Rename"
                    onClick={() => setRenamed(preset.id)}
                  >
                    <EditIcon />
                  </button>
                  <button
                    type="button"
                    className="icon-button"
                    aria-label={`Delete ${preset.name}`}
                    title="Delete"
                    onClick={() => store.removePreset(preset.id)}
                  >
                    <CloseIcon />
                  </button>
                </>
              )}
            </li>
          ))}
        </ul>
      )}
      <SavePreset presets={presets} settings={settings} savable={savable} store={store} />
    </section>
  );
}

function SavePreset({ presets, settings, savable, store }: Omit<PresetsProps, 'onUse'>) {
  const [saved, setSaved] = useState('');
  return (
    <>
      <PresetNameForm
        key={saved}
        label="Save all settings as a preset"
        action="Save"
        value=""
        disabled={!savable}
        faultOf={(name) => presetNameFault(presets, name)}
        noteOf={(name) =>
          presets.some((one) => sameName(one.name, name)) ? 'Saving replaces the preset of this name.' : null
        }
        onName={(name) => {
          store.savePreset(presetNamed(presets, name, settings));
          setSaved(`Saved “${name.trim()}”.`);
        }}
      />
      <p className="visually-hidden" role="status">
        {saved}
      </p>
    </>
  );
}
