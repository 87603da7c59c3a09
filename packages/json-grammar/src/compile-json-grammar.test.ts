import { describe, expect, it } from 'vitest';

import { compileJsonGrammar } from './compile-json-grammar.ts';
import { parseGbnf, readWith } from './gbnf-grammar.fixture.ts';

interface Case {
  is: string;
  schema: unknown;
  accepts: string[];
  rejects: string[];
}

function accepted(schema: unknown, texts: readonly string[]): string[] {
  const grammar = parseGbnf(compileJsonGrammar(schema).gbnf);
  return texts.filter((text) => readWith(grammar, text).accepted);
}

const anything = ['null', 'true', '-1.5e3', '"é\\n\\u00e9"', '[]', '[1, "a"]', '{}', '{"a": [{}], "a":null}'];

const anyJson: Case[] = [
  { is: 'no schema', schema: undefined, accepts: anything, rejects: ['', 'nul', '01', '1.', "'a'", '[1,]', '{a:1}'] },
  { is: 'the empty schema', schema: {}, accepts: anything, rejects: ['', '{"a"}'] },
  { is: 'true', schema: true, accepts: anything, rejects: ['', '{"a"}'] },
  {
    is: 'any object',
    schema: { type: 'object' },
    accepts: ['{}', '{"a": {"b": [1,null]}}'],
    rejects: ['[]', 'null', '{},', '"a"'],
  },
  {
    is: 'annotations have no effect',
    schema: {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      $id: 'https://example.org/a',
      $comment: 'c',
      title: 't',
      description: 'd',
      default: 1,
      examples: [1],
      deprecated: true,
      readOnly: true,
      writeOnly: false,
      type: 'null',
    },
    accepts: ['null'],
    rejects: ['1'],
  },
  {
    is: 'at most one space, after a comma or a colon',
    schema: {},
    accepts: ['[1, 2]', '{"a": 1, "b":2}'],
    rejects: ['[1,  2]', '[ 1]', '[1 ]', '{ "a":1}', '{"a" :1}', '{"a":  1}', '{"a":1 }', ' 1', '1 ', '[1,\n2]'],
  },
];

const typesAndValues: Case[] = [
  { is: 'null', schema: { type: 'null' }, accepts: ['null'], rejects: ['0', 'false'] },
  { is: 'boolean', schema: { type: 'boolean' }, accepts: ['true', 'false'], rejects: ['0', 'null'] },
  {
    is: 'several types',
    schema: { type: ['string', 'integer', 'null'] },
    accepts: ['""', '7', 'null'],
    rejects: ['1.5', 'true', '[]', '{}'],
  },
  {
    is: 'enum of all types, some with the same beginning',
    schema: { enum: ['red', 'reddish', 'r', '', 1, 12, 120, -1, 1.5, null, true, [1, { a: 'é"' }], {}] },
    accepts: [
      '"red"',
      '"reddish"',
      '"r"',
      '""',
      '1',
      '12',
      '120',
      '-1',
      '1.5',
      'null',
      'true',
      '[1,{"a":"é\\""}]',
      '{}',
    ],
    rejects: ['"redd"', '"re"', '11', '2', 'false', '[]'],
  },
  { is: 'const', schema: { const: { a: [1] } }, accepts: ['{"a":[1]}'], rejects: ['{"a":[2]}', '{}'] },
  { is: 'const and enum together', schema: { const: 2, enum: [1, 2, 3] }, accepts: ['2'], rejects: ['1', '3'] },
  {
    is: 'enum with other keywords',
    schema: {
      enum: [1, 2.5, 'a', 'abc', 'abcdef', 9],
      type: ['integer', 'string'],
      minLength: 2,
      maxLength: 4,
      maximum: 5,
    },
    accepts: ['1', '"abc"'],
    rejects: ['2.5', '"a"', '"abcdef"', '9'],
  },
  {
    is: 'enum with a format, in all spellings that ajv accepts',
    schema: {
      type: 'string',
      format: 'date-time',
      enum: ['2024-02-29 12:00:00z', '2016-12-31T23:59:60Z', '2016-12-31T12:00:60Z', '2024-01-01T00:00:00+0100', '1'],
    },
    accepts: ['"2024-02-29 12:00:00z"', '"2016-12-31T23:59:60Z"', '"2024-01-01T00:00:00+0100"'],
    rejects: ['"2016-12-31T12:00:60Z"', '"1"'],
  },
  {
    is: 'enum of objects with properties',
    schema: {
      enum: [{ a: 1 }, { a: 'x' }, {}, [1]],
      type: 'object',
      properties: { a: { type: 'integer' } },
      required: ['a'],
    },
    accepts: ['{"a":1}'],
    rejects: ['{"a":"x"}', '{}', '[1]'],
  },
];

const numbers: Case[] = [
  {
    is: 'a number',
    schema: { type: 'number' },
    accepts: ['0', '-0', '-1.25', '1e5', '1E-5', '999999999999999'],
    rejects: ['01', '.5', '1.', '+1', '1e', '1e999', '1000000000000000'],
  },
  {
    is: 'an integer',
    schema: { type: 'integer' },
    accepts: ['0', '-1', '10', '999999999999999', '-999999999999999'],
    rejects: ['-0', '01', '1.0', '1e3', '1000000000000000'],
  },
  {
    is: 'minimum and maximum across zero',
    schema: { type: 'integer', minimum: -12, maximum: 105 },
    accepts: ['-12', '-9', '-1', '0', '9', '10', '99', '100', '105'],
    rejects: ['-13', '-20', '-100', '106', '110', '200', '1000', '-0'],
  },
  {
    is: 'both below zero',
    schema: { type: 'integer', minimum: -305, maximum: -27 },
    accepts: ['-305', '-300', '-299', '-100', '-99', '-30', '-27'],
    rejects: ['-306', '-26', '-3', '0', '27', '100'],
  },
  {
    is: 'minimum alone',
    schema: { type: 'integer', minimum: 7 },
    accepts: ['7', '10', '999999999999999'],
    rejects: ['6', '0', '-7', '1000000000000000'],
  },
  {
    is: 'maximum alone',
    schema: { type: 'integer', maximum: -7 },
    accepts: ['-7', '-10', '-999999999999999'],
    rejects: ['-6', '0', '7'],
  },
  {
    is: 'bounds with fractions',
    schema: { type: 'integer', minimum: -2.5, maximum: 1.5 },
    accepts: ['-2', '1', '0'],
    rejects: ['-3', '2'],
  },
  {
    is: 'bounds beyond exact numbers',
    schema: { type: 'integer', minimum: 2 ** 53, maximum: 2 ** 63 },
    accepts: ['9007199254740992', '9223372036854775808', '1000000000000000000'],
    rejects: ['9007199254740991', '9223372036854775809', '0'],
  },
  {
    is: 'a minimum beyond 15 digits leaves room above',
    schema: { type: 'integer', minimum: 1e18 },
    accepts: ['1000000000000000000', '5000000000000000000'],
    rejects: ['999999999999999999', '1'],
  },
  { is: 'one number', schema: { type: 'integer', minimum: 5, maximum: 5 }, accepts: ['5'], rejects: ['4', '6', '55'] },
];

const strings: Case[] = [
  {
    is: 'any string in any spelling',
    schema: { type: 'string' },
    accepts: ['""', '"a\\"\\\\\\/\\b\\f\\n\\r\\t"', '"\\u0000\\uD7FF\\uE000"', '"\\uD83D\\uDE00😀"'],
    rejects: ['"', '"\n"', '"\\x"', '"\\uD83D"', '"\\uDE00"', '"\\uDE00\\uD83D"', '"\\u12"', '"\u001f"', '"\ud83d"'],
  },
  {
    is: 'minLength and maxLength count code points',
    schema: { type: 'string', minLength: 2, maxLength: 3 },
    accepts: ['"ab"', '"😀\\uD83D\\uDE00"', '"\\n\\u00e9a"'],
    rejects: ['""', '"a"', '"😀"', '"abcd"', '"\\uD83D\\uDE00"'],
  },
  {
    is: 'minLength alone',
    schema: { type: 'string', minLength: 2 },
    accepts: ['"ab"', '"abcdefgh"'],
    rejects: ['"a"'],
  },
  { is: 'the empty string', schema: { type: 'string', maxLength: 0 }, accepts: ['""'], rejects: ['"a"'] },
  {
    is: 'date, with the days of the calendar',
    schema: { type: 'string', format: 'date' },
    accepts: ['"2024-02-29"', '"2000-02-29"', '"2023-12-31"', '"1999-04-30"', '"0000-02-29"'],
    rejects: [
      '"2023-02-29"',
      '"1900-02-29"',
      '"2023-04-31"',
      '"2023-13-01"',
      '"2023-00-01"',
      '"2023-01-00"',
      '"2023-1-1"',
    ],
  },
  {
    is: 'time, with its zone',
    schema: { type: 'string', format: 'time' },
    accepts: ['"00:00:00Z"', '"23:59:59.123456789-23:59"', '"12:00:00+01:30"'],
    rejects: [
      '"12:00:00"',
      '"24:00:00Z"',
      '"12:60:00Z"',
      '"12:00:60Z"',
      '"12:00Z"',
      '"12:00:00.Z"',
      '"12:00:00+24:00"',
    ],
  },
  {
    is: 'date-time',
    schema: { type: 'string', format: 'date-time' },
    accepts: ['"2024-02-29T12:00:00Z"', '"2023-01-01T00:00:00.5+00:00"'],
    rejects: ['"2023-02-29T12:00:00Z"', '"2024-02-29"', '"2024-02-29 12:00:00Z"', '"2024-02-29T12:00:00"'],
  },
  {
    is: 'a format with a length',
    schema: { type: 'string', format: 'time', minLength: 11, maxLength: 14 },
    accepts: ['"12:00:00.1Z"', '"12:00:00.1234Z"', '"12:00:00+01:00"'],
    rejects: ['"12:00:00Z"', '"12:00:00.12345Z"', '"12:00:00.1+01:00"'],
  },
];

const texts: Case[] = [
  {
    is: 'an anchored pattern',
    schema: { type: 'string', pattern: '^[A-Z]{2}-\\d{1,3}$' },
    accepts: ['"AB-1"', '"ZZ-999"'],
    rejects: ['"A-1"', '"AB-1234"', '"xAB-1"', '""'],
  },
  {
    is: 'an unanchored pattern, with characters that JSON escapes',
    schema: { type: 'string', pattern: '"|\\n' },
    accepts: ['"a\\"b"', '"\\n"', '"é\\\\\\""'],
    rejects: ['""', '"ab"', '"\\u000a"'],
  },
  {
    is: 'a pattern with a length',
    schema: { type: 'string', pattern: '^(ab)+c?$', minLength: 3, maxLength: 5 },
    accepts: ['"abc"', '"abab"', '"ababc"'],
    rejects: ['"ab"', '"ababab"', '"abac"'],
  },
  {
    is: 'look-ahead, as for passwords',
    schema: { type: 'string', pattern: '^(?=.*[A-Z])(?=.*\\d)(?!.*\\s).{4,6}$' },
    accepts: ['"aB1c"', '"1Aaaaa"'],
    rejects: ['"aB1"', '"ab1c"', '"aB1 c"', '"aB1cccc"'],
  },
  {
    is: 'several patterns at once',
    schema: { type: 'string', pattern: '^a', allOf: [{ pattern: 'z$' }, { maxLength: 3 }] },
    accepts: ['"az"', '"abz"'],
    rejects: ['"a"', '"z"', '"abbz"'],
  },
  {
    is: 'a pattern with a format',
    schema: { type: 'string', format: 'email', pattern: '@example\\.org$' },
    accepts: ['"a@example.org"', '"a.b@example.org"'],
    rejects: ['"a@example.com"', '"@example.org"', '"a b@example.org"'],
  },
  {
    is: 'an enum with a pattern',
    schema: { enum: ['ab', 'cd', 'a', 1], pattern: '^a' },
    accepts: ['"ab"', '"a"', '1'],
    rejects: ['"cd"'],
  },
  {
    is: 'email, uuid and uri',
    schema: { anyOf: ['email', 'uuid', 'uri'].map((format) => ({ type: 'string', format })) },
    accepts: ['"a.b+c@d-e.org"', '"123e4567-e89b-12d3-a456-426614174000"', '"https://a.b/c?d=%20#e"', '"mailto:a@b.c"'],
    rejects: ['"a"', '"a@b"', '"123e4567"', '"//a.b"', '"https://a b"'],
  },
  {
    is: 'addresses of hosts',
    schema: { anyOf: ['ipv4', 'ipv6', 'hostname'].map((format) => ({ type: 'string', format })) },
    accepts: ['"255.0.0.1"', '"::1"', '"fe80::1:2"', '"1:2:3:4:5:6:7:8"', '"a-b.example.org"'],
    rejects: ['"1:2:3:4:5:6:7:8:9"', '"-a.b"', '"a..b"', '":::"'],
  },
  {
    is: 'duration',
    schema: { type: 'string', format: 'duration' },
    accepts: ['"P1Y2M3DT4H5M6S"', '"P2W"', '"PT0S"', '"P1D"'],
    rejects: ['"P"', '"PT"', '"P1DT"', '"1D"', '"P1W1D"'],
  },
];

const fractions: Case[] = [
  {
    is: 'bounds of numbers',
    schema: { type: 'number', minimum: -0.5, maximum: 12.25 },
    accepts: ['-0.5', '-0.1', '0', '0.0', '12', '12.25', '12.250', '3.14159'],
    rejects: ['-0.51', '-1', '12.26', '13', '100', '-0', '1e1', '12.2500001'],
  },
  {
    is: 'exclusive bounds',
    schema: { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1 },
    accepts: ['0.1', '0.999999', '0.000001'],
    rejects: ['0', '0.0', '1', '1.0', '-0.1'],
  },
  {
    is: 'exclusive bounds of integers, and in the form of draft 4',
    schema: {
      anyOf: [
        { type: 'integer', exclusiveMinimum: 0, exclusiveMaximum: 4 },
        { type: 'integer', minimum: 10, maximum: 12, exclusiveMinimum: true, exclusiveMaximum: true },
      ],
    },
    accepts: ['1', '3', '11'],
    rejects: ['0', '4', '10', '12'],
  },
  {
    is: 'one exclusive bound',
    schema: { type: 'number', minimum: 0 },
    accepts: ['0', '1.5', '999999999999999', '0.000000000000001'],
    rejects: ['-1', '-0.1', '1e3'],
  },
  {
    is: 'multiples of integers',
    schema: { type: 'integer', multipleOf: 5, minimum: -20 },
    accepts: ['0', '5', '10', '12345', '-20'],
    rejects: ['1', '12', '-25'],
  },
  {
    is: 'multiples of hundredths',
    schema: { type: 'number', multipleOf: 0.01, minimum: 0 },
    accepts: ['0', '19.99', '0.5', '7'],
    rejects: ['0.001', '-1'],
  },
  {
    is: 'formats of OpenAPI',
    schema: {
      anyOf: [
        { type: 'integer', format: 'int32', minimum: 2_147_483_600 },
        { type: 'string', format: 'byte' },
      ],
    },
    accepts: ['2147483647', '"YWI="', '""'],
    rejects: ['2147483648', '"YWI"'],
  },
];

const otherWords: Case[] = [
  {
    is: 'allOf with different keywords',
    schema: {
      allOf: [{ $ref: '#/$defs/named' }, { properties: { age: { minimum: 0 } }, required: ['age'] }],
      properties: { age: { type: 'integer', maximum: 9 } },
      $defs: { named: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] } },
    },
    accepts: ['{"age":5,"name":"a"}'],
    rejects: ['{"age":5}', '{"name":"a"}', '{"age":-1,"name":"a"}', '{"age":10,"name":"a"}'],
  },
  {
    is: 'allOf of unions',
    schema: { allOf: [{ anyOf: [{ const: 1 }, { const: 2 }] }, { anyOf: [{ const: 2 }, { const: 3 }] }] },
    accepts: ['2'],
    rejects: ['1', '3'],
  },
  {
    is: 'nullable with a type, a list and a reference',
    schema: {
      type: 'array',
      items: {
        anyOf: [
          { type: 'string', maxLength: 1, nullable: true },
          { enum: [7], nullable: true },
          { $ref: '#/$defs/a', nullable: true },
        ],
      },
      $defs: { a: { const: [] } },
    },
    accepts: ['[]', '[null]', '["a",7,[],null]'],
    rejects: ['["ab"]', '[8]'],
  },
  {
    is: 'items as a list, with additionalItems',
    schema: { type: 'array', items: [{ const: 1 }, { const: 2 }], additionalItems: { const: 3 } },
    accepts: ['[]', '[1]', '[1,2]', '[1,2,3,3]'],
    rejects: ['[2]', '[1,3]', '[1,2,4]'],
  },
  {
    is: 'names that propertyNames lists',
    schema: {
      type: 'object',
      propertyNames: { type: 'string', enum: ['a', 'b'] },
      additionalProperties: { type: 'null' },
      properties: { c: { type: 'null' } },
    },
    accepts: ['{}', '{"a":null}', '{"a":null,"b":null}'],
    rejects: ['{"c":null}', '{"d":null}', '{"a":1}'],
  },
  {
    is: 'object or null at the root',
    schema: { type: ['object', 'null'], properties: { a: { const: 1 } } },
    accepts: ['null', '{}', '{"a":1}'],
    rejects: ['[]', '{"b":1}'],
  },
];

const arrays: Case[] = [
  {
    is: 'items',
    schema: { type: 'array', items: { type: 'integer' } },
    accepts: ['[]', '[1]', '[1,2, 3]'],
    rejects: ['["a"]', '[1,]', '[,1]', '[1 2]'],
  },
  {
    is: 'minItems and maxItems',
    schema: { type: 'array', items: { type: 'null' }, minItems: 2, maxItems: 3 },
    accepts: ['[null,null]', '[null,null,null]'],
    rejects: ['[]', '[null]', '[null,null,null,null]'],
  },
  {
    is: 'prefixItems alone are written in order, none after them',
    schema: { type: 'array', prefixItems: [{ const: 1 }, { const: 2 }] },
    accepts: ['[]', '[1]', '[1,2]'],
    rejects: ['[2]', '[1,2,3]'],
  },
  {
    is: 'prefixItems with further items',
    schema: { type: 'array', prefixItems: [{ const: 1 }], items: { const: 2 }, minItems: 2, maxItems: 3 },
    accepts: ['[1,2]', '[1,2,2]'],
    rejects: ['[]', '[1]', '[2,2]', '[1,2,2,2]'],
  },
  {
    is: 'prefixItems with no further items',
    schema: { type: 'array', prefixItems: [{ const: 1 }, { const: 2 }], items: false, minItems: 1 },
    accepts: ['[1]', '[1,2]'],
    rejects: ['[]', '[1,2,3]'],
  },
  {
    is: 'minItems beyond prefixItems',
    schema: { type: 'array', prefixItems: [{ const: 1 }], minItems: 2 },
    accepts: ['[1,"a"]', '[1,{}]'],
    rejects: ['[1]', '[1,2,3]'],
  },
  {
    is: 'an item that no value fits ends the array',
    schema: { type: 'array', prefixItems: [{ const: 1 }, false, { const: 3 }] },
    accepts: ['[]', '[1]'],
    rejects: ['[1,3]'],
  },
  { is: 'no items at all', schema: { type: 'array', maxItems: 0 }, accepts: ['[]'], rejects: ['[1]'] },
  { is: 'items false', schema: { type: 'array', items: false }, accepts: ['[]'], rejects: ['[1]'] },
];

const objects: Case[] = [
  {
    is: 'required properties in order',
    schema: { type: 'object', properties: { a: { const: 1 }, b: { const: 2 } }, required: ['b', 'a'] },
    accepts: ['{"a":1,"b":2}', '{"a": 1, "b": 2}'],
    rejects: ['{"b":2,"a":1}', '{"a":1}', '{}', '{"a":1,"b":2,"c":3}'],
  },
  {
    is: 'optional properties with correct commas',
    schema: { properties: { a: { const: 1 }, b: { const: 2 }, c: { const: 3 }, d: { const: 4 } }, required: ['c'] },
    accepts: ['{"c":3}', '{"a":1,"c":3}', '{"b":2,"c":3}', '{"a":1,"b":2,"c":3,"d":4}', '{"c":3,"d":4}'],
    rejects: ['{}', '{,"c":3}', '{"a":1"c":3}', '{"a":1}', '{"c":3,}', '{"d":4}', '{"b":2,"a":1,"c":3}'],
  },
  {
    is: 'only optional properties',
    schema: { properties: { a: { const: 1 }, b: { const: 2 } } },
    accepts: ['{}', '{"a":1}', '{"b":2}', '{"a":1,"b":2}'],
    rejects: ['{,"b":2}', '{"c":1}'],
  },
  {
    is: 'a name that JavaScript objects inherit, which must be written',
    schema: { type: 'object', properties: { constructor: { const: 1 }, b: { const: 2 } } },
    accepts: ['{"constructor":1}', '{"constructor":1,"b":2}'],
    rejects: ['{}', '{"b":2}'],
  },
  {
    is: 'no properties',
    schema: { type: 'object', properties: {}, additionalProperties: false },
    accepts: ['{}'],
    rejects: ['{"a":1}'],
  },
  {
    is: 'additional names, none of them a declared one in another spelling',
    schema: {
      type: 'object',
      properties: { ab: { const: 1 }, abc: { const: 2 }, 'q"': { const: 3 } },
      additionalProperties: { const: 0 },
    },
    accepts: ['{"ab":1,"x":0}', '{"a":0, "abcd":0}', '{"":0,"x":0,"x":0}', '{"q\\"":3,"q":0}'],
    rejects: ['{"ab":0}', '{"ab":1,"abc":0}', '{"a\\u0062":0}', '{"q\\"":0}', '{"x":1}', '{"x":0,"ab":1}'],
  },
  {
    is: 'a declared name that no value fits is no additional name',
    schema: { type: 'object', properties: { a: false }, additionalProperties: { const: 0 } },
    accepts: ['{}', '{"b":0}'],
    rejects: ['{"a":0}'],
  },
  {
    is: 'required names without properties',
    schema: { type: 'object', properties: { a: { const: 1 } }, required: ['z'] },
    accepts: ['{"z":"any"}', '{"a":1,"z":[]}'],
    rejects: ['{}', '{"a":1}', '{"z":1,"y":2}'],
  },
  {
    is: 'required names with a schema in additionalProperties',
    schema: { type: 'object', required: ['z'], additionalProperties: { const: 1 } },
    accepts: ['{"z":1}', '{"z":1,"y":1}'],
    rejects: ['{"z":2}', '{}', '{"z":1,"z":2}'],
  },
];

const unionsAndReferences: Case[] = [
  {
    is: 'anyOf',
    schema: { anyOf: [{ type: 'integer' }, { const: 'a' }, false] },
    accepts: ['1', '"a"'],
    rejects: ['1.5', '"b"'],
  },
  {
    is: 'anyOf with properties',
    schema: {
      type: 'object',
      properties: { a: { const: 1 }, b: { const: 2 } },
      anyOf: [{ required: ['a'] }, { required: ['b'] }],
    },
    accepts: ['{"a":1}', '{"b":2}', '{"a":1,"b":2}'],
    rejects: ['{}'],
  },
  {
    is: 'type with anyOf',
    schema: {
      type: ['integer', 'null'],
      anyOf: [{ type: 'number', maximum: 3, minimum: 2 }, { type: 'null' }, { type: 'string' }],
    },
    accepts: ['2', '3', 'null'],
    rejects: ['1', '2.5', '"a"'],
  },
  {
    is: 'oneOf distinguished by type',
    schema: { oneOf: [{ type: 'integer' }, { type: 'string' }, { type: 'null' }] },
    accepts: ['1', '"a"', 'null'],
    rejects: ['1.5', 'true'],
  },
  {
    is: 'oneOf of lists without the values that two of them have',
    schema: { oneOf: [{ enum: ['a', 'b'] }, { enum: ['b', 'c'] }] },
    accepts: ['"a"', '"c"'],
    rejects: ['"b"'],
  },
  {
    is: 'oneOf distinguished by a property',
    schema: {
      oneOf: [
        { properties: { kind: { const: 'a' }, x: { type: 'integer' } }, required: ['kind', 'x'] },
        { properties: { kind: { enum: ['b', 'c'] } }, required: ['kind'] },
      ],
    },
    accepts: ['{"kind":"a","x":1}', '{"kind":"c"}'],
    rejects: ['{"kind":"a"}', '{"kind":"d"}', '1'],
  },
  {
    is: 'oneOf distinguished by ranges and lengths',
    schema: {
      oneOf: [
        { type: 'integer', maximum: 3 },
        { type: 'integer', minimum: 4, maximum: 5 },
        { type: 'string', maxLength: 1 },
        { type: 'string', minLength: 3 },
      ],
    },
    accepts: ['3', '4', '"a"', '"abc"'],
    rejects: ['6', '"ab"'],
  },
  {
    is: 'a reference to the root',
    schema: { properties: { next: { $ref: '#' } } },
    accepts: ['{}', '{"next":{"next":{}}}'],
    rejects: ['{"next":1}'],
  },
  {
    is: 'references by any pointer, with escapes',
    schema: {
      type: 'array',
      prefixItems: [{ $ref: '#/$defs/a~1b%20c' }, { $ref: '#/definitions/d' }, { $ref: '#/prefixItems/0' }],
      $defs: { 'a/b c': { const: 1 } },
      definitions: { d: { const: 2 } },
    },
    accepts: ['[1,2,1]'],
    rejects: ['[1,2,2]', '[2]'],
  },
  {
    is: 'keywords with a reference',
    schema: {
      $ref: '#/$defs/named',
      properties: { age: { type: 'integer' } },
      required: ['name'],
      $defs: { named: { type: 'object', properties: { name: { type: 'string' }, age: { minimum: 0, maximum: 9 } } } },
    },
    accepts: ['{"age":5,"name":"a"}', '{"name":"a"}'],
    rejects: ['{"age":50,"name":"a"}', '{"age":5}', '{"age":0.5,"name":"a"}'],
  },
  {
    is: 'recursion through several schemas',
    schema: {
      $ref: '#/$defs/tree',
      $defs: {
        tree: { type: 'object', properties: { of: { $ref: '#/$defs/trees' } }, required: ['of'] },
        trees: { type: 'array', items: { $ref: '#/$defs/tree' } },
      },
    },
    accepts: ['{"of":[]}', '{"of":[{"of":[]}, {"of":[]}]}'],
    rejects: ['{}', '[]', '{"of":[[]]}'],
  },
];

describe.each(
  Object.entries({
    anyJson,
    typesAndValues,
    numbers,
    strings,
    texts,
    fractions,
    otherWords,
    arrays,
    objects,
    unionsAndReferences,
  }),
)('%s', (_name, cases) => {
  it.each(cases)('$is', ({ schema, accepts, rejects }) => {
    expect(accepted(schema, [...accepts, ...rejects])).toEqual(accepts);
  });
});

it('writes the suffix after the value', () => {
  const grammar = parseGbnf(compileJsonGrammar({ type: 'null' }, { suffix: '\n\n\n\n' }).gbnf);
  expect(readWith(grammar, 'null\n\n\n\n').accepted).toBe(true);
  expect(readWith(grammar, 'null').accepted).toBe(false);
  expect(readWith(grammar, 'null\n\n\n\n\n').accepted).toBe(false);
});

it('the grammar grows linearly with the number of optional properties', () => {
  const length = (count: number) => {
    const names = Array.from({ length: count }, (_, at) => [`p${100 + at}`, { type: 'null' }]);
    return compileJsonGrammar({ properties: Object.fromEntries(names) }).gbnf.length;
  };
  expect(length(200)).toBeLessThan(2.2 * length(100));
});

it('a text of a recursive schema has few parses', () => {
  const branch = (kind: string) => ({
    properties: { kind: { const: kind }, left: { $ref: '#' }, right: { $ref: '#' } },
    required: ['kind'],
  });
  const grammar = parseGbnf(compileJsonGrammar({ anyOf: [branch('sum'), branch('product'), { type: 'null' }] }).gbnf);
  const nested = (depth: number) => '{"kind":"sum","left":'.repeat(depth) + 'null' + ',"right":null}'.repeat(depth);
  const shallow = readWith(grammar, nested(2));
  const deep = readWith(grammar, nested(60));
  expect(deep.accepted).toBe(true);
  expect(deep.mostWays).toBe(shallow.mostWays);
});

it('constants with a common beginning share their parses', () => {
  const words = Array.from({ length: 2_000 }, (_, at) => `word ${at}`);
  const grammar = parseGbnf(compileJsonGrammar({ enum: words }).gbnf);
  const { accepted, mostWays } = readWith(grammar, '"word 1999"');
  expect(accepted).toBe(true);
  expect(mostWays).toBeLessThan(12);
});
