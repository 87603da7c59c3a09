import { expect, test } from 'vitest';

import { serveCommand } from '../../serve/serve-command.ts';
import { configJsonSchema } from './config-json-schema.ts';

interface ObjectSchema {
  properties: Record<string, ObjectSchema & { items: ObjectSchema; description?: string }>;
  additionalProperties: boolean;
}

const root = configJsonSchema() as ObjectSchema;
const model = root.properties['models']?.items as ObjectSchema;
const upstream = model.properties['upstreams']?.items as ObjectSchema;

/** Flags of `headway serve` that name models or upstreams, or that a file should not hold. */
const notInTheFile = ['model', 'alias', 'config', 'apiKey', 'auth', 'chatTemplate', 'chatTemplateFile'];

test('every flag of serve is a field of the config file', () => {
  const flags = serveCommand().options.map((option) => option.attributeName());
  const expected = flags.filter((name) => !notInTheFile.includes(name) && !name.startsWith('upstream'));
  expect(Object.keys(root.properties)).toEqual(expect.arrayContaining(expected));
  expect(expected.length).toBeGreaterThan(20);
});

test('every flag about an upstream is a field of an upstream', () => {
  const flags = serveCommand().options.map((option) => option.attributeName());
  const fields = flags
    .filter((name) => /^upstream./.test(name))
    .map((name) => name.replace(/^upstream(.)/, (_, first: string) => first.toLowerCase()));
  expect(Object.keys(upstream.properties).toSorted()).toEqual([...fields, 'url'].toSorted());
});

test('the JSON schema describes every field, and allows no others', () => {
  for (const { properties, additionalProperties } of [root, model, upstream]) {
    expect(additionalProperties).toBe(false);
    const undescribed = Object.entries(properties).filter(([, { description }]) => !description);
    expect(undescribed).toEqual([]);
  }
});
