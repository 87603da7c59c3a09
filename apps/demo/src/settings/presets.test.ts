import { expect, test } from 'vitest';

import { builtInPresets, presetNamed, presetNameFault, samplingPreset, sameSettings, withSampling } from './presets.ts';

const [exact] = builtInPresets;
if (!exact) throw new Error('there are no presets');
const own = { id: '1', name: 'Poet', settings: { system: 'Rhyme.' } };

test('a built-in preset replaces the sampling and keeps the rest', () => {
  const settings = { system: 'Rhyme.', maxTokens: 9, topK: 3, temperature: 2 };
  expect(withSampling(settings, exact)).toEqual({ system: 'Rhyme.', maxTokens: 9, temperature: 0 });
  expect(samplingPreset(withSampling(settings, exact))).toBe(exact);
  expect(samplingPreset(settings)).toBe(undefined);
  expect(samplingPreset({})?.name).toBe('Default');
});

test('settings are the same in any order, and one that is left out is the same as undefined', () => {
  expect(sameSettings({ topK: 1, seed: 2 }, { seed: 2, topK: 1, minP: undefined })).toBe(true);
  expect(sameSettings({ topK: 1 }, {})).toBe(false);
});

test('saving under a known name replaces that preset', () => {
  expect(presetNamed([own], ' poet ', {})).toEqual({ id: '1', name: 'poet', settings: {} });
  expect(presetNamed([own], 'Clerk', {}).id).not.toBe('1');
});

test('a name that cannot be used is refused with a remedy', () => {
  expect(presetNameFault([own], 'Poet')).toBe(null);
  expect(presetNameFault([], ' ')).toBe('The preset needs a name. Enter one.');
  expect(presetNameFault([], 'x'.repeat(61))).toBe('The name has 61 characters. Enter at most 60.');
  expect(presetNameFault([], 'exact')).toBe('“exact” is built in. Enter another name.');
  expect(presetNameFault([own], 'Poet', { ...own, id: '2' })).toContain('There is a preset “Poet” already.');
  expect(presetNameFault([own], 'POET', own)).toBe(null);
});
