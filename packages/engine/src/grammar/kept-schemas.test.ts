import { describe, expect, test } from 'vitest';

import { KeptSchemas } from './kept-schemas.ts';

const schema = { type: 'object', properties: { tags: { uniqueItems: true } } };
const call = (name: string, json: string) => ({ id: 'a', name, arguments: json });

describe('what grammars keep in part', () => {
  test('is told in a bounded list', () => {
    const kept = new KeptSchemas();
    kept.ofFormat(schema, { gbnf: '', leftOut: Array.from({ length: 20 }, (_, at) => `p${at}`) });
    kept.ofTool('f', schema, { gbnf: '', leftOut: ['x'.repeat(1_000)] });
    expect(kept.leftOut).toHaveLength(17);
    expect(kept.leftOut.at(-1)).toBe('and 5 more');
    const long = new KeptSchemas();
    long.ofTool('f', schema, { gbnf: '', leftOut: ['x'.repeat(1_000)] });
    expect(long.leftOut).toEqual([`${'x'.repeat(200)}…`]);
  });

  test('is judged when the answer is there, each call by its own', () => {
    const kept = new KeptSchemas();
    kept.ofTool('f', schema, { gbnf: '', leftOut: ['tools[0].parameters.properties.tags.uniqueItems'] });
    kept.ofTool('g', schema, { gbnf: '', leftOut: [] });
    expect(kept.judge('', [call('f', '{"tags":[1]}')])).toEqual({ fits: true, misfits: [] });
    expect(kept.judge('', [call('g', '{"tags":[1,1]}'), call('f', '{"tags":[1,1]}')])).toEqual({
      fits: false,
      misfits: [{ toolCall: 1, path: 'tags', message: expect.stringContaining('duplicate items') }],
    });
    expect(kept.judge('prose', [])).toBeNull();
    expect(kept.judge('', [call('g', '{}')])).toBeNull();
  });

  test('is not judged where nothing was left out, or where nobody can tell', () => {
    const whole = new KeptSchemas();
    whole.ofFormat(schema, { gbnf: '', leftOut: [] });
    expect(whole.judge('{"tags":[1,1]}', [])).toBeNull();
    const broken = new KeptSchemas();
    broken.ofFormat({ $ref: '#/$defs/none' }, { gbnf: '', leftOut: ['$ref'] });
    expect(broken.judge('{}', [])).toBeNull();
  });
});
