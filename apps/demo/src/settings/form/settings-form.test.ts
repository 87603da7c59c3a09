import { generateRequest, parse } from '@headway/protocol';
import { expect, test } from 'vitest';

import { faultsOf, formOf, readForm, type SettingsForm } from './settings-form.ts';
import { requestFields, type Settings } from '../settings.ts';

const empty = formOf({});
const read = (part: Partial<SettingsForm>) => readForm({ ...empty, ...part });
const fault = (part: Partial<SettingsForm>, field = Object.keys(part)[0] ?? '') => read(part).faults?.get(field);
const tool = { key: 'k', name: 'weather', description: '', parameters: '' };

const all: Settings = {
  system: 'Be brief.',
  thinking: false,
  temperature: 0,
  topP: 0.5,
  topK: 7,
  minP: 0.25,
  seed: 4_294_967_295,
  maxTokens: 100,
  repeatPenalty: 1.5,
  presencePenalty: -2,
  frequencyPenalty: 2,
  stop: ['END', 'a\n\tb\\n'],
  tools: [{ name: 'weather', description: 'Tells it', parameters: { type: 'object' } }, { name: 'time' }],
};

test('a form gives back the settings that it shows, and the gateway takes them', () => {
  for (const settings of [{}, all, { answerSchema: { type: 'array' }, thinking: true }]) {
    expect(readForm(formOf(settings))).toEqual({ settings, faults: null });
    const request = { messages: [{ role: 'user', content: '' }], ...requestFields(settings) };
    expect(parse(generateRequest, request)).toMatchObject(requestFields(settings));
  }
});

test('an empty form leaves every setting out', () => {
  const blank = { system: ' \n', stop: '\n\n', temperature: ' ', answerSchema: ' ', tools: [] };
  expect(read(blank)).toEqual({ settings: {}, faults: null });
});

test('each fault names the field, the bound and the remedy', () => {
  expect(fault({ temperature: 'warm' })).toBe(
    'Temperature must be a number. Enter another, or leave it empty for the default: 0.7.',
  );
  expect(fault({ temperature: '101' })).toBe(
    'Temperature must be at most 100. Enter another, or leave it empty for the default: 0.7.',
  );
  expect(fault({ topK: '1.5' })).toContain('Top K must be a whole number');
  expect(fault({ repeatPenalty: '0' })).toContain('Repeat penalty must be more than 0');
  expect(fault({ maxTokens: '0' })).toContain('Longest answer must be at least 1. Enter another, or leave it empty');
  expect(fault({ stop: 'x'.repeat(257) })).toBe('Stop texts must have at most 256 characters.');
  expect(fault({ answerSchema: '{"a":\n 1,}' })).toBe(
    'The schema is not JSON: line 2, character 4. Mend it there, or choose an example.',
  );
  expect(fault({ answerSchema: '[]' })).toContain('must be a JSON object');
  expect(fault({ stop: 'END', answerSchema: '{}' })).toContain('Stop texts could cut the JSON answer short; remove');
});

test('a decimal comma counts as a point', () => {
  expect(read({ temperature: '0,5', topP: '.5', minP: '1.' }).settings).toEqual({
    temperature: 0.5,
    topP: 0.5,
    minP: 1,
  });
});

test('faults of a tool name its field', () => {
  expect(fault({ tools: [{ ...tool, name: 'the weather' }] }, 'tools[0].name')).toContain('use 1 to 128 letters');
  expect(fault({ tools: [tool, tool] }, 'tools[1].name')).toContain('weather appears twice');
  expect(fault({ tools: [{ ...tool, parameters: '{' }] }, 'tools[0].parameters')).toMatch(/arguments is not JSON/);
});

test('the gateway’s issues become faults of the field that they are about', () => {
  const issues = [
    { path: ['responseFormat', 'schema', 'properties', 'a'], message: 'is not a schema' },
    { path: ['tools', 1, 'parameters', 'type'], message: 'must be "object"' },
    { path: ['tools', 2, 'parameters'], message: 'its bounds exclude each other' },
    { path: ['temperature'], message: 'must be at most 1' },
  ];
  expect([...faultsOf(issues)]).toEqual([
    ['answerSchema', 'The schema: properties.a is not a schema.'],
    ['tools[1].parameters', 'The schema of the arguments: type must be "object".'],
    ['tools[2].parameters', 'The schema of the arguments: its bounds exclude each other.'],
    ['temperature', 'Temperature must be at most 1. Enter another, or leave it empty for the default: 0.7.'],
  ]);
});
