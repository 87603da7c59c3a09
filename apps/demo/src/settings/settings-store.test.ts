import { expect, test, vi } from 'vitest';

import { createSettingsStore } from '../settings/settings-store.ts';
import { createMemoryShelf } from '../storage/memory-shelf.ts';

const preset = (name: string) => ({ id: name, name, settings: { topK: 3 } });

/** Channels of two tabs, over which each hears the other. */
function tabs() {
  const heard = [new EventTarget(), new EventTarget()];
  return heard.map((own, at) => ({
    addEventListener: own.addEventListener.bind(own),
    postMessage: () => heard[1 - at]?.dispatchEvent(new Event('message')),
    close: vi.fn(),
  }));
}

test('presets and defaults are kept, and another tab sees them', async () => {
  const shelf = createMemoryShelf();
  const [one, other] = tabs().map((channel) => createSettingsStore(shelf, channel as never));
  if (!one || !other) throw new Error('there are no tabs');
  one.savePreset(preset('b'));
  one.savePreset(preset('a'));
  one.setDefaults('m', { seed: 1 });
  expect(one.getState().defaults.get('m'), 'shown at once').toEqual({ seed: 1 });
  await expect.poll(() => other.getState().presets.map(({ name }) => name)).toEqual(['a', 'b']);
  await expect.poll(() => other.getState().defaults.get('m')).toEqual({ seed: 1 });
  other.removePreset('a');
  other.setDefaults('m', null);
  await expect.poll(() => one.getState().presets.map(({ name }) => name)).toEqual(['b']);
  await expect.poll(() => one.getState().defaults.size).toBe(0);
  const again = createSettingsStore(shelf, { postMessage() {}, addEventListener() {}, close() {} });
  await expect.poll(() => again.getState().presets).toEqual([preset('b')]);
});

test('a change that cannot be stored is told', async () => {
  const full = { ...createMemoryShelf(), putPreset: () => Promise.reject(new Error('full')) };
  const store = createSettingsStore(full, { postMessage() {}, addEventListener() {}, close() {} });
  store.savePreset(preset('a'));
  await expect.poll(() => store.getState().fault).toContain('could not store this');
});
