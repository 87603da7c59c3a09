import { isHeadwayError } from '@headway/protocol';
import { describe, expect, it } from 'vitest';

import { schemaBounds } from './bounds.ts';
import { compileJsonGrammar } from './compile-json-grammar.ts';

function refusal(schema: unknown, lenient = false): string {
  try {
    compileJsonGrammar(schema, { field: 'responseFormat.schema', lenient });
  } catch (error) {
    if (isHeadwayError(error) && error.code === 'invalid-request') return error.message;
    throw error;
  }
  return 'accepted';
}

const within = (keyword: string, value: unknown) => ({
  type: 'object',
  properties: { age: { [keyword]: value } },
});

describe('keywords', () => {
  const cannotBeKept = 'a grammar cannot enforce this; remove it, or strict';

  it.each([
    ['not', {}],
    ['patternProperties', { a: {} }],
    ['propertyNames', { pattern: '^a' }],
    ['propertyNames', { maxLength: 3 }],
    ['uniqueItems', true],
    ['minProperties', 1],
    ['maxProperties', 1],
    ['contains', {}],
    ['dependentRequired', {}],
    ['dependentSchemas', {}],
    ['dependencies', {}],
    ['unevaluatedItems', false],
    ['unevaluatedProperties', false],
    ['$dynamicRef', '#a'],
  ])('refuses %s when strict, and leaves it out otherwise', (keyword, value) => {
    const path = /^[\w]+$/.test(keyword) ? `.${keyword}` : `["${keyword}"]`;
    const place = `responseFormat.schema.properties.age${path}`;
    expect(refusal(within(keyword, value))).toBe(`${place}: ${cannotBeKept}`);
    expect(compileJsonGrammar(within(keyword, value), { lenient: true }).leftOut).toEqual([
      `schema.properties.age${path}`,
    ]);
  });

  it('refuses if with then, and with else', () => {
    const schema = JSON.parse('{ "if": { "type": "null" }, "then": {}, "else": {} }') as unknown;
    expect(refusal(schema)).toBe(`responseFormat.schema.if: ${cannotBeKept}`);
    expect(compileJsonGrammar(schema, { lenient: true }).leftOut).toEqual(['schema.if', 'schema.then', 'schema.else']);
  });

  it.each([
    ['made-up', 1],
    ['constructor', 1],
    ['toString', 1],
  ])('refuses unknown keyword %s when strict, and ignores it otherwise', (keyword, value) => {
    const path = /^[\w]+$/.test(keyword) ? `.${keyword}` : `["${keyword}"]`;
    expect(refusal(within(keyword, value))).toBe(
      `responseFormat.schema.properties.age${path}: not supported; leave it out`,
    );
    expect(compileJsonGrammar(within(keyword, value), { lenient: true }).leftOut).toEqual([]);
  });

  it.each([
    ['if', {}],
    ['then', {}],
    ['minContains', 1],
    ['uniqueItems', false],
    ['minProperties', 0],
    ['unevaluatedProperties', true],
    ['propertyNames', { type: 'string', description: 'any' }],
    ['patternProperties', {}],
    ['additionalItems', false],
    ['discriminator', { propertyName: 'kind' }],
    ['$anchor', 'a'],
    ['$id', 'b'],
    ['id', 'b'],
    ['example', 1],
    ['x-order', 1],
    ['externalDocs', { url: 'x' }],
    ['format', 'double'],
  ])('ignores %s: %j', (keyword, value) => {
    expect(refusal(within(keyword, value))).toBe('accepted');
  });

  it.each([
    [
      'format',
      'color',
      '"color" is not supported; use date, time, date-time, duration, email, hostname, ipv4, ipv6, uri, uuid, byte, or leave it out',
    ],
    ['multipleOf', 0, 'must be over 0'],
    ['multipleOf', 1e-20, 'is too large for a grammar; use fewer digits or closer bounds, or leave it out'],
    ['multipleOf', 7919, 'is too large for a grammar; use fewer digits or closer bounds, or leave it out'],
    ['exclusiveMinimum', '1', 'must be a finite number'],
    ['pattern', 1, 'must be a regular expression'],
    ['pattern', '(a)\\1', `${cannotBeKept}; use no look-behind, back-reference or \\b, and keep it short`],
    ['pattern', '(?<=a)b', `${cannotBeKept}; use no look-behind, back-reference or \\b, and keep it short`],
    ['pattern', '(', `${cannotBeKept}; use no look-behind, back-reference or \\b, and keep it short`],
    ['pattern', '^.*a.{20}$', `${cannotBeKept}; use no look-behind, back-reference or \\b, and keep it short`],
    ['minimum', 1e16, 'leaves no number of 15 digits below 1000000000000000; use wider bounds, or leave it out'],
    ['allOf', [], 'must be a list of at least one schema'],
    ['type', 'int', '"int" is not a type; use null, boolean, number, string, array, object or integer'],
    ['type', [], '[] is not a type; use null, boolean, number, string, array, object or integer'],
    ['enum', [], 'is empty; list at least one value'],
    ['enum', 'a', 'must be a list of values'],
    ['properties', [], 'must be an object of schemas'],
    ['required', 'a', 'must be a list of names'],
    ['required', [1], 'must be a list of names'],
    ['additionalProperties', 1, 'must be a schema: an object, true or false'],
    ['anyOf', [], 'must be a list of at least one schema'],
    ['oneOf', {}, 'must be a list of at least one schema'],
    ['prefixItems', {}, 'must be a list of at least one schema'],
    ['minItems', -1, 'must be a whole number, 0 or more'],
    ['maxLength', 1.5, 'must be a whole number, 0 or more'],
    ['maximum', Infinity, 'must be a finite number'],
    ['const', Infinity, 'holds something that is not JSON; leave it out'],
  ])('refuses %s: %j with the remedy', (keyword, value, fault) => {
    expect(refusal(within(keyword, value))).toBe(`responseFormat.schema.properties.age.${keyword}: ${fault}`);
  });

  it.each(['https://example.org/a.json', 'other.json#/a', '#/$defs/none', '#anchor', '#/type/x', '#/%'])(
    'refuses the reference %s',
    ($ref) => {
      expect(refusal({ type: 'object', properties: { a: { $ref } } })).toBe(
        `responseFormat.schema.properties.a["$ref"]: "${$ref}" is nowhere in this schema; ` +
          'use a local one, such as "#/$defs/name"',
      );
    },
  );

  it('quotes names that are no words, and writes places in lists as numbers', () => {
    expect(refusal({ anyOf: [true, { properties: { 'a b': { items: { not: {} } } } }] })).toBe(
      `responseFormat.schema.anyOf[1].properties["a b"].items.not: ${cannotBeKept}`,
    );
    expect(refusal({ $ref: '#/$defs/x', $defs: { x: { not: {} } } })).toBe(
      `responseFormat.schema["$defs"].x.not: ${cannotBeKept}`,
    );
  });

  it('refuses what is not a schema', () => {
    for (const schema of [null, 1, 'string', []]) {
      expect(refusal(schema)).toBe('responseFormat.schema: must be a schema: an object, true or false');
    }
  });

  it('refuses the name __proto__, which JavaScript validators miss', () => {
    const properties = JSON.parse('{ "__proto__": { "type": "null" } }') as unknown;
    expect(refusal({ properties })).toMatch(
      /properties\.__proto__: the name "__proto__" is not supported; use another/,
    );
    expect(refusal({ required: ['__proto__'] })).toMatch(/required: the name "__proto__" is not supported/);
  });
});

describe('schemas that no value fits', () => {
  it.each([
    [false, 'responseFormat.schema: no value fits it'],
    [
      { type: 'object', properties: { a: false }, required: ['a'] },
      'responseFormat.schema.properties.a: no value fits it',
    ],
    [{ type: 'integer', enum: ['a'] }, 'responseFormat.schema: no value fits it'],
    [{ const: 1, enum: [2] }, 'responseFormat.schema: no value fits it'],
    [
      { type: 'integer', minimum: 3, maximum: 2 },
      'responseFormat.schema: its minimum 3 is over its maximum 2; no value fits it',
    ],
    [{ type: 'integer', minimum: 2.1, maximum: 2.9 }, 'responseFormat.schema: no value fits it'],
    [{ minItems: 2, maxItems: 1 }, 'responseFormat.schema: its minItems 2 is over its maxItems 1; no value fits it'],
    [
      { minLength: 2, maxLength: 1 },
      'responseFormat.schema: its minLength 2 is over its maxLength 1; no value fits it',
    ],
    [{ type: 'array', items: false, minItems: 1 }, 'responseFormat.schema.items: no value fits it'],
    [{ type: 'array', prefixItems: [false], minItems: 1 }, 'responseFormat.schema.prefixItems[0]: no value fits it'],
    [{ type: 'number', minimum: 3, exclusiveMaximum: 3 }, 'responseFormat.schema: no value fits it'],
    [{ type: 'integer', multipleOf: 10, minimum: 1, maximum: 9 }, 'responseFormat.schema: no value fits it'],
    [{ type: 'string', pattern: '^a', allOf: [{ pattern: '^b' }] }, 'responseFormat.schema: no value fits it'],
    [{ type: 'string', pattern: '^a{3}$', maxLength: 2 }, 'responseFormat.schema: no value fits it'],
    [{ type: 'string', format: 'date', maxLength: 9 }, 'responseFormat.schema: no value fits it'],
    [{ type: 'string', format: 'time', minLength: 10, maxLength: 10 }, 'responseFormat.schema: no value fits it'],
    [{ type: 'string', anyOf: [{ type: 'null' }, { const: 1 }] }, 'responseFormat.schema: no value fits it'],
    [
      { required: ['a'], additionalProperties: false, type: 'object' },
      'responseFormat.schema.required: no value fits it',
    ],
    [
      { type: 'object', properties: { a: { $ref: '#' } }, required: ['a'] },
      'responseFormat.schema: no value fits it: it requires itself without end',
    ],
    [
      { type: 'array', items: { $ref: '#' }, minItems: 1 },
      'responseFormat.schema: no value fits it: it requires itself',
    ],
    [{ $ref: '#' }, 'responseFormat.schema: refers to itself without a property or an item between; break the circle'],
    [{ anyOf: [{ type: 'null' }, { $ref: '#' }] }, 'responseFormat.schema: refers to itself'],
    [
      { $ref: '#/$defs/a', $defs: { a: { oneOf: [{ $ref: '#/$defs/b' }] }, b: { $ref: '#/$defs/a' } } },
      'responseFormat.schema["$defs"].a: refers to itself',
    ],
  ])('refuses %j', (schema, message) => {
    expect(refusal(schema)).toContain(message);
    expect(refusal(schema, true)).toContain(message);
  });
});

describe('oneOf', () => {
  it.each([
    [[{ type: 'integer' }, { type: 'number' }]],
    [[{ const: 'a' }, { type: 'string' }]],
    [
      [
        { type: 'integer', maximum: 3 },
        { type: 'integer', minimum: 3 },
      ],
    ],
    [
      [
        { type: 'string', maxLength: 3 },
        { type: 'string', minLength: 3 },
      ],
    ],
    [[{ type: 'string', format: 'date' }, { type: 'string' }]],
    [[{ properties: { a: { const: 1 } } }, { properties: { a: { const: 2 } } }]],
    [
      [
        { type: 'object', required: ['a'] },
        { type: 'object', required: ['b'] },
      ],
    ],
    [
      [
        { type: 'array', items: { type: 'null' } },
        { type: 'array', items: { type: 'string' } },
      ],
    ],
    [[{}, { type: 'string' }]],
    [[{ type: 'string' }, { oneOf: [{ type: 'null' }, { type: 'string' }] }]],
  ])('refuses overlapping branches: %j', (oneOf) => {
    const message =
      'oneOf: a value may fit more than one of its schemas; distinguish them by type, const or enum, or use anyOf';
    expect(refusal({ oneOf })).toBe(`responseFormat.schema.${message}`);
    expect(refusal({ oneOf }, true)).toBe('accepted');
  });
});

describe('bounds', () => {
  const nested = (depth: number, inner: unknown = {}): unknown =>
    Array.from({ length: depth }).reduce<unknown>((schema) => ({ items: schema }), inner);
  const properties = (count: number, schema: unknown) =>
    Object.fromEntries(Array.from({ length: count }, (_, at) => [`p${at}`, schema]));

  it.each(['minItems', 'maxItems', 'minLength', 'maxLength'])('refuses %s over 1,000 when strict', (keyword) => {
    expect(refusal({ [keyword]: schemaBounds.repetition })).toBe('accepted');
    expect(refusal({ [keyword]: schemaBounds.repetition + 1 })).toBe(
      `responseFormat.schema.${keyword}: is over 1,000; use less, or leave it out`,
    );
  });

  it('refuses more than 64 kB', () => {
    const empty = JSON.stringify({ description: '' }).length;
    expect(refusal({ description: 'x'.repeat(schemaBounds.bytes - empty) })).toBe('accepted');
    const message = 'responseFormat.schema: is larger than 64 kB as JSON; send a smaller one';
    expect(refusal({ description: 'x'.repeat(schemaBounds.bytes - empty + 1) })).toBe(message);
    expect(refusal({ description: 'é'.repeat(schemaBounds.bytes / 2) })).toBe(message);
    expect(refusal({ examples: Array.from({ length: 100_000 }, () => 1) }, true)).toBe(message);
  });

  it('refuses more than 32 levels, also with a stack overflow', () => {
    const message = 'responseFormat.schema: is nested deeper than 32 levels; use fewer, or $ref';
    expect(refusal(nested(schemaBounds.depth - 1))).toBe('accepted');
    expect(refusal(nested(schemaBounds.depth))).toBe(message);
    expect(refusal(nested(100_000), true)).toBe(message);
    const circle: Record<string, unknown> = {};
    circle['items'] = circle;
    expect(refusal(circle)).toBe(message);
  });

  it('refuses constants of more than 32 levels', () => {
    const list = (depth: number) => Array.from({ length: depth }).reduce<unknown>((value) => [value], 1);
    expect(refusal({ const: list(schemaBounds.depth - 1) })).toBe('accepted');
    expect(refusal({ const: list(schemaBounds.depth) })).toMatch(/const: is nested deeper than 32 levels/);
  });

  it('refuses integers that are all beyond the bound', () => {
    const fault = 'is beyond 1e+21; use a bound closer to 0, or leave it out';
    expect(refusal({ type: 'integer', minimum: -1e300, maximum: 1e300 })).toBe('accepted');
    expect(refusal({ type: 'integer', minimum: 0, maximum: schemaBounds.integer })).toBe('accepted');
    expect(refusal({ type: 'integer', minimum: 1e300 })).toBe(`responseFormat.schema.minimum: ${fault}`);
    expect(refusal({ type: 'integer', maximum: -1e300 })).toBe(`responseFormat.schema.maximum: ${fault}`);
  });

  it('refuses unions with too many ways to fit', () => {
    const many = (count: number) => Array.from({ length: count }, (_, at) => ({ minimum: -at, type: 'integer' }));
    expect(refusal({ anyOf: many(schemaBounds.alternatives) })).toBe('accepted');
    expect(refusal({ anyOf: many(schemaBounds.alternatives + 1) })).toMatch(
      /has more than 128 ways to fit it; use fewer/,
    );
    const product = { anyOf: many(12), oneOf: [{ $ref: '#/$defs/more' }], $defs: { more: { anyOf: many(12) } } };
    expect(refusal(product)).toMatch(/has more than 128 ways to fit it/);
  });

  it('refuses too many combinations of schemas', () => {
    expect(refusal(remembering(4))).toBe('accepted');
    expect(refusal(remembering(13))).toMatch(/needs more than 4000 combinations of schemas; send a simpler one/);
  });

  it('refuses too many optional properties in a row', () => {
    expect(refusal({ properties: properties(schemaBounds.optionalRun, {}) })).toBe('accepted');
    expect(refusal({ properties: properties(schemaBounds.optionalRun + 1, {}) })).toBe(
      'responseFormat.schema: has more than 256 optional properties in a row; require some of them',
    );
  });

  it('refuses grammars that would be too large', () => {
    const texts = Array.from({ length: 120 }, (_, at) => [`p${at}`, { type: 'string', maxLength: 1_000 - at }]);
    expect(refusal({ properties: Object.fromEntries(texts) })).toMatch(
      /schema: makes a grammar of more than 50,000 symbols; send fewer properties, values and repetitions/,
    );
    expect(refusal({ properties: properties(120, { type: 'string', maxLength: 1_000 }) })).toBe('accepted');
    expect(refusal({ properties: { ['x'.repeat(20_000)]: {} }, additionalProperties: true })).toMatch(/50,000 symbols/);
  });

  it('refuses references in a row that are too many', () => {
    const chain = (length: number) =>
      Object.fromEntries(Array.from({ length }, (_, at) => [`d${at}`, at === 0 ? {} : { $ref: `#/$defs/d${at - 1}` }]));
    expect(refusal({ $ref: '#/$defs/d20', $defs: chain(21) })).toBe('accepted');
    expect(refusal({ $ref: '#/$defs/d1999', $defs: chain(2_000) })).toMatch(/behind more than 32 references in a row/);
  });

  it('compiles references that fork repeatedly in bounded time', () => {
    const forks = Object.fromEntries(
      Array.from({ length: 300 }, (_, at) => {
        const next = { $ref: `#/$defs/d${at - 1}` };
        return [`d${at}`, at === 0 ? { type: 'null' } : { properties: { a: next, b: next, c: next } }];
      }),
    );
    expect(refusal({ $ref: '#/$defs/d299', $defs: forks })).toBe('accepted');
  });

  it('refuses unions by which one text has ever more parses', () => {
    const message = /schema: a text may be read in more than 256 ways at once; give each schema of its unions a first/;
    const lists = [{ items: { $ref: '#' }, maxItems: 5 }, { items: { $ref: '#' }, maxItems: 6 }, { type: 'null' }];
    expect(refusal({ anyOf: lists })).toMatch(message);
    const node = (...names: string[]) => ({
      type: 'object',
      properties: Object.fromEntries(
        names.map((name) => [name, name.startsWith('kind') ? { const: name } : { $ref: '#' }]),
      ),
      required: names.filter((name) => name.startsWith('kind')),
    });
    const renamed = (schema: unknown) =>
      JSON.parse(
        JSON.stringify(schema)
          .replaceAll(/"kind\d":/g, '"kind":')
          .replaceAll(/\["kind\d"\]/g, '["kind"]'),
      ) as unknown;
    expect(refusal(renamed({ anyOf: [node('left', 'kind1'), node('left', 'kind2')] }))).toMatch(message);
    expect(refusal(renamed({ anyOf: [node('kind1', 'left'), node('kind1', 'left', 'right')] }))).toMatch(message);
    expect(refusal(renamed({ anyOf: [node('kind1', 'left'), node('kind2', 'left')] }))).toBe('accepted');
    expect(refusal({ anyOf: [node('kind1', 'left'), node('kind2', 'left')] })).toBe('accepted');
    expect(refusal({ anyOf: [{ items: { $ref: '#' } }, { type: 'array' }, { type: 'null' }] })).toBe('accepted');
  });
});

/** A schema that must distinguish 2 to the `count` histories, by the last `count` names. */
function remembering(count: number) {
  const ref = (to: number) => ({ $ref: `#/$defs/s${to}` });
  const states = Array.from({ length: count }, (_, at) => {
    const next = at + 1 < count ? ref(at + 1) : { type: 'object', properties: { end: { type: 'null' } } };
    return [`s${at}`, { type: 'object', properties: { a: next, b: next } }];
  });
  const start = { type: 'object', properties: { a: { $ref: '#', anyOf: [ref(0)] }, b: { $ref: '#' } } };
  return { ...start, $defs: Object.fromEntries(states) };
}
