import { describe, expect, test } from 'vitest';

import { formatPath, readPath } from '@headway/protocol';
import { askedFormat, askedTextFormat, formatPlace, type FormatFields } from './asked-format.ts';

const schema = { type: 'object', properties: { age: { type: 'integer' } } };
const json = { type: 'json', schema };
const grammar = 'root ::= "yes" | "no"';

describe('askedFormat reads the format and its path from', () => {
  test.each<[string, object, object, string]>([
    ['any object', { response_format: { type: 'json_object' } }, { type: 'json' }, 'response_format'],
    ['a schema in json_object', { response_format: { type: 'json_object', schema } }, json, 'response_format.schema'],
    [
      "OpenAI's wrapper",
      { response_format: { type: 'json_schema', json_schema: { name: 'x', schema, strict: true } } },
      { ...json, strict: true },
      'response_format.json_schema.schema',
    ],
    [
      'a wrapper without a schema',
      { response_format: { type: 'json_schema', json_schema: { name: 'x' } } },
      { type: 'json' },
      'response_format.json_schema',
    ],
    [
      'a schema without its wrapper',
      { response_format: { type: 'json_schema', json_schema: { ...schema, name: 'x', strict: true } } },
      { ...json, strict: true },
      'response_format.json_schema',
    ],
    [
      'a schema beside the type',
      { response_format: { type: 'json_schema', name: 'x', schema, strict: false } },
      json,
      'response_format.schema',
    ],
    ["TGI's json", { response_format: { type: 'json', value: schema } }, json, 'response_format.value'],
    [
      "Fireworks' grammar",
      { response_format: { type: 'grammar', grammar } },
      { type: 'grammar', grammar },
      'response_format.grammar',
    ],
    [
      "Together's regex",
      { response_format: { type: 'regex', pattern: 'a+' } },
      { type: 'regex', pattern: 'a+' },
      'response_format.pattern',
    ],
    ["llama.cpp's json_schema", { json_schema: schema }, json, 'json_schema'],
    ["SGLang's json_schema as a string of JSON", { json_schema: JSON.stringify(schema) }, json, 'json_schema'],
    ["llama.cpp's grammar", { grammar }, { type: 'grammar', grammar }, 'grammar'],
    ["SGLang's ebnf", { ebnf: grammar }, { type: 'grammar', grammar }, 'ebnf'],
    ["SGLang's regex", { regex: 'a+' }, { type: 'regex', pattern: 'a+' }, 'regex'],
    ['guided_json', { guided_json: schema }, json, 'guided_json'],
    ['guided_json_object', { guided_json_object: true }, { type: 'json' }, 'guided_json_object'],
    ['guided_regex', { guided_regex: 'a+' }, { type: 'regex', pattern: 'a+' }, 'guided_regex'],
    ['guided_choice', { guided_choice: ['a', 'b'] }, { type: 'choice', choices: ['a', 'b'] }, 'guided_choice'],
    ['guided_grammar', { guided_grammar: grammar }, { type: 'grammar', grammar }, 'guided_grammar'],
    ['structured_outputs.json', { structured_outputs: { json: schema } }, json, 'structured_outputs.json'],
    [
      'structured_outputs.choice',
      { structured_outputs: { choice: ['a'], regex: null, disable_fallback: true } },
      { type: 'choice', choices: ['a'] },
      'structured_outputs.choice',
    ],
    [
      'structured_outputs.json_object',
      { structured_outputs: { json_object: true } },
      { type: 'json' },
      'structured_outputs.json_object',
    ],
  ])('%s', (_name, request, format, place) => {
    expect(askedFormat(request)).toEqual({ asked: { format, place: place.split('.') }, faults: [] });
  });

  test("text.format of OpenAI's Responses", () => {
    expect(askedTextFormat({ type: 'json_schema', name: 'x', schema }).asked).toEqual({
      format: json,
      place: ['text', 'format', 'schema'],
    });
  });
});

test.each([
  ['nothing', {}],
  ['null', { response_format: null, grammar: null, guided_choice: null, structured_outputs: null }],
  ['text', { response_format: { type: 'text' } }],
  ['empty texts', { grammar: '', guided_regex: '', guided_json_object: false }],
  ['a decoding backend', { guided_decoding_backend: 'outlines' }],
  ['empty structured outputs', { structured_outputs: {} }],
])('a request with %s asks for no format', (_name, request) => {
  expect(askedFormat(request as FormatFields)).toEqual({ asked: null, faults: [] });
});

test('a schema overrides "any JSON object", and two equal formats count as one', () => {
  const anyObject = { response_format: { type: 'json_object' } };
  expect(askedFormat({ ...anyObject, json_schema: schema }).asked?.place).toEqual(['json_schema']);
  const reordered = { properties: schema.properties, type: 'object' };
  expect(askedFormat({ guided_json: schema, json_schema: reordered })).toMatchObject({
    asked: { format: json },
    faults: [],
  });
});

describe('askedFormat refuses', () => {
  test.each<[string, object, string, RegExp]>([
    ['two formats', { grammar, guided_regex: 'a' }, 'guided_regex', /another format than grammar/],
    [
      'two schemas',
      { response_format: { type: 'json_object', schema }, json_schema: { type: 'array' } },
      'json_schema',
      /another format than response_format\.schema/,
    ],
    [
      'an unknown type',
      { response_format: { type: 'xml' } },
      'response_format.type',
      /"xml" is not supported; send "text"/,
    ],
    ['no type', { response_format: {} }, 'response_format.type', /^is missing; send "text"/],
    ['a string instead of an object', { response_format: 'json' }, 'response_format', /an object/],
    ['no schema', { response_format: { type: 'json_schema' } }, 'response_format.json_schema', /is missing/],
    ['a schema that is not an object', { guided_json: '[1]' }, 'guided_json', /must be a JSON schema/],
    ['a grammar that is not a string', { grammar: 1 }, 'grammar', /must be a string/],
    ['no choices', { guided_choice: [] }, 'guided_choice', /at least one/],
    ['tags', { structured_outputs: { structural_tag: '{}' } }, 'structured_outputs.structural_tag', /not supported/],
    ['white space', { guided_whitespace_pattern: ' ' }, 'guided_whitespace_pattern', /not supported/],
  ])('%s', (_name, request, path, message) => {
    const { asked, faults } = askedFormat(request);
    expect(asked).toBeNull();
    expect(faults.map((fault) => [fault.path.join('.'), fault.message])).toEqual([
      [path, expect.stringMatching(message)],
    ]);
  });
});

test('an engine’s error about a format names the request’s own field', () => {
  const place = (request: object, path: string) => {
    const { asked } = askedFormat(request);
    return asked && formatPath(formatPlace(asked, readPath(path).path));
  };
  expect(place({ guided_json: schema }, 'responseFormat.schema.properties.age')).toBe('guided_json.properties.age');
  expect(place({ guided_choice: ['a'] }, 'responseFormat.choices[0]')).toBe('guided_choice[0]');
  expect(place({ structured_outputs: { regex: '(' } }, 'responseFormat.pattern')).toBe('structured_outputs.regex');
  expect(place({ structured_outputs: { regex: '(' } }, 'responseFormat')).toBe('structured_outputs');
});
