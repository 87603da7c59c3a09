import { sameSettings } from '../presets.ts';
import type { SettingsStore } from '../settings-store.ts';
import { noSettings, type Settings } from '../settings.ts';

interface ModelDefaultsProps {
  /** The model's id; undefined while unknown. */
  model: string | undefined;
  defaults: ReadonlyMap<string, Settings>;
  settings: Settings;
  savable: boolean;
  isNew: boolean;
  store: Pick<SettingsStore, 'setDefaults'>;
  onUse: (settings: Settings) => void;
}

/** What new chats with the chat's model begin with. */
export function ModelDefaults(props: ModelDefaultsProps) {
  const { model, defaults, settings, savable, isNew, store, onUse } = props;
  if (model === undefined) return null;
  const own = defaults.get(model);
  const same = sameSettings(settings, own ?? noSettings);
  return (
    <section className="sheet-section">
      <h3>New chats</h3>
      <p className="setting-hint" role="status">
        New chats with <span className="model-name">{model}</span> begin with{' '}
        {own ? 'settings of their own' : 'the gateway’s defaults'}
        {same ? ', as this chat has them.' : '. This chat has others.'}
      </p>
      <div className="examples">
        <button
          type="button"
          className="text-button"
          disabled={same || !savable}
          onClick={() => store.setDefaults(model, sameSettings(settings, noSettings) ? null : settings)}
        >
          Begin new chats with these
        </button>
        {!same && (
          <button type="button" className="text-button" onClick={() => onUse(own ?? noSettings)}>
            {isNew ? 'Go back to those' : 'Use those here'}
          </button>
        )}
        {own && (
          <button type="button" className="text-button" onClick={() => store.setDefaults(model, null)}>
            Forget them
          </button>
        )}
      </div>
    </section>
  );
}
