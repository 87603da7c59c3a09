import { describe, expect, test } from 'vitest';

import { SchemaCheck } from './schema-check.ts';

const schema = { type: 'object', properties: { tags: { uniqueItems: true } } };
const call = (name: string, json: string) => ({ id: 'a', name, arguments: json });

describe('SchemaCheck', () => {
  test('lists at most 16 fields, cut at 200 characters, and counts the others', () => {
    const schemaCheck = new SchemaCheck();
    schemaCheck.addFormat(schema, { gbnf: '', leftOut: Array.from({ length: 20 }, (_, at) => `p${at}`) });
    schemaCheck.addTool('f', schema, { gbnf: '', leftOut: ['x'.repeat(1_000)] });
    expect(schemaCheck.leftOut).toHaveLength(17);
    expect(schemaCheck.leftOut.at(-1)).toBe('and 5 more');
    const long = new SchemaCheck();
    long.addTool('f', schema, { gbnf: '', leftOut: ['x'.repeat(1_000)] });
    expect(long.leftOut).toEqual([`${'x'.repeat(200)}…`]);
  });

  test('checks each tool call against the schema of its own tool', () => {
    const schemaCheck = new SchemaCheck();
    schemaCheck.addTool('f', schema, { gbnf: '', leftOut: ['tools[0].parameters.properties.tags.uniqueItems'] });
    schemaCheck.addTool('g', schema, { gbnf: '', leftOut: [] });
    expect(schemaCheck.check('', [call('f', '{"tags":[1]}')])).toEqual({ fits: true, misfits: [] });
    expect(schemaCheck.check('', [call('g', '{"tags":[1,1]}'), call('f', '{"tags":[1,1]}')])).toEqual({
      fits: false,
      misfits: [{ toolCall: 1, path: 'tags', message: expect.stringContaining('duplicate items') }],
    });
    expect(schemaCheck.check('prose', [])).toBeNull();
    expect(schemaCheck.check('', [call('g', '{}')])).toBeNull();
  });

  test('returns null when nothing was left out, or when the schema cannot be checked', () => {
    const whole = new SchemaCheck();
    whole.addFormat(schema, { gbnf: '', leftOut: [] });
    expect(whole.check('{"tags":[1,1]}', [])).toBeNull();
    const broken = new SchemaCheck();
    broken.addFormat({ $ref: '#/$defs/none' }, { gbnf: '', leftOut: ['$ref'] });
    expect(broken.check('{}', [])).toBeNull();
  });
});
