import type { Preset } from './presets.ts';
import type { SettingsShelf } from './settings-shelf.ts';
import type { Settings } from './settings.ts';

export interface SettingsState {
  /** The user's own, by name. */
  presets: readonly Preset[];
  /** What new chats with a model begin with, by the model's id. */
  defaults: ReadonlyMap<string, Settings>;
  /** Why the last change could not be stored; null if it was. */
  fault: string | null;
}

/** The presets and the defaults of models that this browser keeps. Changes of other tabs arrive by themselves. */
export interface SettingsStore {
  getState: () => SettingsState;
  subscribe: (listener: () => void) => () => void;
  /** Saves a preset, over the one with the same id. */
  savePreset(preset: Preset): void;
  removePreset(id: string): void;
  /** Null lets new chats with the model begin with the gateway's defaults again. */
  setDefaults(model: string, settings: Settings | null): void;
  /** Stops to follow other tabs. The shelf stays open. */
  close(): void;
}

/** @param channel tells other tabs of changes, and this one of theirs */
export function createSettingsStore(
  shelf: SettingsShelf,
  channel: Pick<BroadcastChannel, 'postMessage' | 'addEventListener' | 'close'>,
): SettingsStore {
  const listeners = new Set<() => void>();
  let state: SettingsState = { presets: [], defaults: new Map(), fault: null };
  let closed = false;

  function change(part: Partial<SettingsState>): void {
    if (closed) return;
    state = { ...state, ...part };
    for (const listener of listeners) listener();
  }

  async function read(): Promise<void> {
    const [presets, models] = await Promise.all([shelf.presets(), shelf.modelSettings()]);
    change({
      presets: presets.sort((one, other) => one.name.localeCompare(other.name)),
      defaults: new Map(models.map(({ model, settings }) => [model, settings])),
    });
  }

  /** Stores a change, and then shows what is stored, with the changes that other tabs made meanwhile. */
  function store(work: Promise<unknown>): void {
    work.then(read).then(
      () => {
        change({ fault: null });
        if (!closed) channel.postMessage('changed');
      },
      () => change({ fault: 'The browser could not store this, so it is not kept after the page is closed.' }),
    );
  }

  const readQuietly = () => {
    // A tab that cannot read keeps what it shows; its next change reports the fault.
    read().catch(() => undefined);
  };
  channel.addEventListener('message', readQuietly);
  readQuietly();

  return {
    getState: () => state,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    savePreset(preset) {
      change({ presets: [...state.presets.filter(({ id }) => id !== preset.id), preset] });
      store(shelf.putPreset(preset));
    },
    removePreset(id) {
      change({ presets: state.presets.filter((one) => one.id !== id) });
      store(shelf.removePreset(id));
    },
    setDefaults(model, settings) {
      const defaults = new Map(state.defaults);
      if (settings) defaults.set(model, settings);
      else defaults.delete(model);
      change({ defaults });
      store(shelf.putModelSettings(model, settings));
    },
    close() {
      closed = true;
      listeners.clear();
      channel.close();
    },
  };
}
