import { expect, test } from 'vitest';

import type { ArgumentsForm } from '../form/call-form.ts';
import { formLeftOut } from './form-left-out.ts';
import { taggedForm } from '../form/tagged-form.fixture.ts';

const parameters = {
  type: 'object',
  description: 'What to find.',
  vendorKey: 1,
  properties: {
    title: { type: 'string', pattern: '^[A-Z]', maxLength: 12 },
    born: { type: 'string', format: 'date', title: 'Born' },
    kind: { enum: ['story', 'poem'] },
    pages: { type: 'integer', minimum: 3, not: { const: 7 } },
    tags: { type: 'array', items: { type: 'string', minLength: 2_000 }, uniqueItems: true },
    place: { type: 'object', properties: { name: { type: 'string', format: 'uuid' } }, minProperties: 1 },
    any: { anyOf: [{ type: 'string' }, { type: 'null' }] },
  },
  required: ['title', 'other'],
  additionalProperties: false,
  not: { required: ['born', 'place'] },
  dependentRequired: { born: ['place'] },
};

const leftOut = (form: ArgumentsForm) => formLeftOut(form, parameters, 'f').map((place) => place.slice('f.'.length));

test("calls in JSON keep what the schema's grammar keeps", () => {
  expect(leftOut({ kind: 'json' })).toEqual([]);
});

test('texts between tags keep their length limits, other values what their grammar keeps', () => {
  expect(leftOut(taggedForm.arguments)).toEqual([
    'not',
    'dependentRequired',
    'required',
    'properties.title.pattern',
    'properties.born.format',
    'properties.pages.not',
    'properties.tags.uniqueItems',
    'properties.tags.items.minLength',
    'properties.place.minProperties',
  ]);
});

test("Python literals keep what each value's grammar keeps", () => {
  expect(leftOut({ kind: 'pythonic' })).not.toContain('properties.title.pattern');
  expect(leftOut({ kind: 'pythonic' })).toContain('properties.tags.uniqueItems');
});

test('values with bare keys keep their types, lengths and choices', () => {
  expect(leftOut({ kind: 'bare-keys', quote: '"' })).toEqual([
    'not',
    'dependentRequired',
    'required',
    'properties.title.pattern',
    'properties.born.format',
    'properties.pages.not',
    'properties.tags.uniqueItems',
    'properties.tags.items.minLength',
    'properties.place.minProperties',
    'properties.place.properties.name.format',
    'properties.any.anyOf',
  ]);
});
