import { describe, expect, it } from 'vitest';

import { compileJsonGrammar } from './compile-json-grammar.ts';
import { parseGbnf, readWith } from './gbnf-grammar.fixture.ts';

function accepts(schema: unknown, text: string): boolean {
  return readWith(parseGbnf(compileJsonGrammar(schema, { lenient: true }).gbnf), text).accepted;
}

describe('lenient compilation', () => {
  it.each([
    ['a pattern that is not regular', { type: 'string', pattern: '(a)\\1', maxLength: 1 }, '"b"', '"bc"'],
    ['multipleOf of many digits', { type: 'number', multipleOf: 1e-12, minimum: 0 }, '1.5', '-1'],
    ['an unknown format', { type: 'string', format: 'color', maxLength: 3 }, '"abc"', '"abcd"'],
    [
      'propertyNames',
      { type: 'object', propertyNames: { pattern: 'a' }, additionalProperties: { type: 'null' } },
      '{"b":null}',
      '{"b":1}',
    ],
    [
      'patternProperties with closed properties',
      { properties: { a: { const: 1 } }, patternProperties: { b: {} }, additionalProperties: false },
      '{"a":1,"b":2}',
      '{"a":2}',
    ],
    ['not', { type: 'integer', not: { const: 1 } }, '1', '"a"'],
    ['an unknown type', { type: 'any' }, '[1]', '[1'],
    ['required as a flag', { type: 'object', properties: { a: { const: 1, required: true } } }, '{}', '{"a":2}'],
    ['a remote reference', { $ref: 'https://example.org/a' }, '{"a":[1]}', 'a'],
    ['a dangling reference', { properties: { a: { $ref: '#/$defs/none' } } }, '{"a":[1]}', '[]'],
    ['oneOf whose branches overlap', { oneOf: [{ type: 'integer' }, { type: 'number' }] }, '1', '"a"'],
    [
      'oneOf with anyOf',
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

  it('names the places of what it drops', () => {
    const schema = { type: 'object', properties: { 'a b': { not: {} } }, oneOf: [{}, { type: 'object' }] };
    expect(compileJsonGrammar(schema, { field: 'tools[0].parameters', lenient: true }).leftOut).toEqual([
      'tools[0].parameters.properties["a b"].not',
      'tools[0].parameters.oneOf',
    ]);
  });

  it('drops a format that contradicts a pattern, and a length that is too large with a pattern', () => {
    const quoted = { type: 'string', format: 'email', pattern: '^"a b"@c\\.de$' };
    expect(accepts(quoted, '"\\"a b\\"@c.de"')).toBe(true);
    expect(compileJsonGrammar(quoted, { lenient: true }).leftOut).toEqual(['schema.format']);
    const long = { type: 'string', pattern: '^(ab|cd|ef)*$', maxLength: 1_000, minLength: 900 };
    const left = compileJsonGrammar(long, { lenient: true }).leftOut;
    expect(left).toEqual(['schema.minLength', 'schema.maxLength']);
  });

  it("accepts a tool's schema by zod", () => {
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
    expect(accepts(schema, '{"url":"a:b","limit":100,"tags":{"b":"c"},"mode":"fast"}')).toBe(true);
    expect(accepts(schema, '{"url":"a","limit":100}')).toBe(false);
    expect(accepts(schema, '{"url":"a:b","limit":101}')).toBe(false);
    expect(accepts(schema, '{"url":"a:b","limit":0}')).toBe(false);
    expect(accepts(schema, '{"limit":1}')).toBe(false);
    expect(compileJsonGrammar(schema, { lenient: true }).leftOut).toEqual([]);
  });
});
