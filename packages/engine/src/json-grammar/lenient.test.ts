import { describe, expect, it } from 'vitest';

import { compileJsonGrammar } from './compile-json-grammar.ts';
import { parseGbnf, readWith } from './gbnf-grammar.fixture.ts';

function accepts(schema: unknown, text: string): boolean {
  return readWith(parseGbnf(compileJsonGrammar(schema, { lenient: true }).gbnf), text).accepted;
}

describe('read leniently', () => {
  it.each([
    ['pattern', { type: 'string', pattern: '^a$' }, '"b"', '1'],
    ['exclusiveMinimum', { type: 'integer', exclusiveMinimum: 0, maximum: 9 }, '-1', '10'],
    ['draft 4 exclusiveMinimum', { type: 'integer', minimum: 0, exclusiveMinimum: true }, '0', '-1'],
    ['bounds of a number', { type: 'number', minimum: 0 }, '-1.5', '"a"'],
    ['format uri', { type: 'string', format: 'uri', maxLength: 3 }, '"abc"', '"abcd"'],
    [
      'propertyNames',
      { type: 'object', propertyNames: { pattern: 'a' }, additionalProperties: { type: 'null' } },
      '{"b":null}',
      '{"b":1}',
    ],
    [
      'patternProperties beside closed ones',
      { properties: { a: { const: 1 } }, patternProperties: { b: {} }, additionalProperties: false },
      '{"a":1,"b":2}',
      '{"a":2}',
    ],
    ['not', { type: 'integer', not: { const: 1 } }, '1', '"a"'],
    ['a list of items', { type: 'array', items: [{ type: 'null' }] }, '[1]', '{}'],
    ['an unknown type', { type: 'any' }, '[1]', '[1'],
    ['required as a flag', { type: 'object', properties: { a: { const: 1, required: true } } }, '{}', '{"a":2}'],
    ['a remote reference', { $ref: 'https://example.org/a' }, '{"a":[1]}', 'a'],
    ['a dangling reference', { properties: { a: { $ref: '#/$defs/none' } } }, '{"a":[1]}', '[]'],
    ['oneOf whose branches overlap', { oneOf: [{ type: 'integer' }, { type: 'number' }] }, '1', '"a"'],
    [
      'oneOf beside anyOf',
      { oneOf: [{ type: 'integer' }, { type: 'string' }, {}], anyOf: [{ type: 'integer' }, { type: 'null' }] },
      '1',
      '"a"',
    ],
    ['repetitions beyond the bound', { type: 'string', maxLength: 1_000_000, minLength: 1 }, '"a"', '""'],
    ['an unknown keyword', { type: 'null', 'x-order': 1 }, 'null', '1'],
    [
      'the name __proto__',
      JSON.parse('{ "properties": { "__proto__": { "type": "null" } } }'),
      '{}',
      '{"__proto__":null}',
    ],
  ])('drops %s and keeps the rest', (_name, schema, fitting, other) => {
    expect(accepts(schema, fitting)).toBe(true);
    expect(accepts(schema, other)).toBe(false);
  });

  it('holds allOf, which needs nothing that is not there', () => {
    const schema = {
      allOf: [{ type: 'object', properties: { a: { type: 'integer' } }, required: ['a'] }, { $ref: '#/$defs/named' }],
      $defs: { named: { type: 'object', properties: { name: { type: 'string' } } } },
    };
    expect(accepts(schema, '{"a":1,"name":"x"}')).toBe(true);
    expect(accepts(schema, '{"name":"x"}')).toBe(false);
  });

  it('takes what zod makes of a tool', () => {
    const schema = {
      $schema: 'http://json-schema.org/draft-07/schema#',
      type: 'object',
      properties: {
        url: { type: 'string', format: 'uri', description: 'Where to look.' },
        limit: { type: 'integer', exclusiveMinimum: 0, maximum: 100 },
        tags: { type: 'object', propertyNames: { type: 'string' }, additionalProperties: { type: 'string' } },
        mode: {
          anyOf: [
            { type: 'string', const: 'fast' },
            { type: 'string', pattern: '^x' },
          ],
        },
      },
      required: ['url'],
      additionalProperties: false,
    };
    expect(accepts(schema, '{"url":"a","limit":100,"tags":{"b":"c"},"mode":"fast"}')).toBe(true);
    expect(accepts(schema, '{"url":"a","limit":101}')).toBe(false);
    expect(accepts(schema, '{"limit":1}')).toBe(false);
  });
});
