import { describe, expect, it } from 'vitest';

import { judgeJson } from './judge-json.ts';

describe('judgeJson', () => {
  it('checks what a grammar leaves out', () => {
    const schema = { type: 'object', properties: { tags: { type: 'array', uniqueItems: true } } };
    expect(judgeJson(schema, '{"tags":[1,2]}')).toBeNull();
    expect(judgeJson(schema, '{"tags":[1,1]}')).toEqual({
      path: 'tags',
      message: 'must NOT have duplicate items (items ## 0 and 1 are identical)',
    });
    expect(judgeJson({ items: { not: { const: 'a/b' } } }, '["a","a/b"]')).toMatchObject({ path: '[1]' });
    expect(judgeJson({ properties: { 'a/b': false } }, '{"a/b":1}')).toMatchObject({ path: '["a/b"]' });
  });

  it.each([
    [
      'draft 7',
      { $schema: 'http://json-schema.org/draft-07/schema#', items: [{ const: 1 }], additionalItems: false },
      '[1]',
      '[1,2]',
    ],
    ['draft 7 dependencies', { dependencies: { a: ['b'], c: { required: ['d'] } } }, '{"a":1,"b":1}', '{"c":1}'],
    ['draft 4', { minimum: 1, exclusiveMinimum: true }, '2', '1'],
    ['draft 2020-12', { prefixItems: [{ const: 1 }], unevaluatedItems: false }, '[1]', '[1,2]'],
    [
      'OpenAPI 3.0',
      { type: 'string', nullable: true, id: 'a', example: 1, discriminator: { propertyName: 'x' } },
      'null',
      '1',
    ],
    [
      'OpenAPI 3.0, by reference',
      { $ref: '#/definitions/a', nullable: true, definitions: { a: { enum: ['a'] } } },
      'null',
      '1',
    ],
    [
      'names and addresses of its own',
      { $id: 'https://a.b/c', properties: { id: { $id: 'd', type: 'null' } } },
      '{"id":null}',
      '{"id":1}',
    ],
    ['expressions of the old kind', { type: 'string', pattern: '^\\_$' }, '"_"', '"a"'],
    ['floating point', { multipleOf: 0.01 }, '19.99', '19.999'],
  ])('follows %s', (_name, schema, fitting, other) => {
    expect(judgeJson(schema, fitting)).toBeNull();
    expect(judgeJson(schema, other)).toMatchObject({ message: expect.stringMatching(/./) });
  });

  it('ignores invalid schemas, and gives null for references elsewhere', () => {
    expect(judgeJson({ type: 'any', required: true, minimum: 'a', pattern: '(' }, '1')).toBeNull();
    expect(judgeJson({ $ref: '#/$defs/none' }, '1')).toBeUndefined();
    expect(judgeJson({ $ref: 'https://example.org/a.json' }, '1')).toBeNull();
    expect(judgeJson({ type: 'object' }, '{"a":')).toBeUndefined();
  });

  it('ends in a bounded time for any schema', () => {
    const began = performance.now();
    expect(judgeJson({ type: 'string', pattern: '^(a+)+$' }, JSON.stringify(`${'a'.repeat(50)}!`))).toBeUndefined();
    const fork = { anyOf: [{ items: { $ref: '#' } }, { items: { $ref: '#' }, minItems: 1 }], type: 'array' };
    expect(judgeJson(fork, '['.repeat(200) + '1' + ']'.repeat(200))).toBeUndefined();
    expect(judgeJson({ $ref: '#' }, '1')).toBeUndefined();
    // Three times the bound, and allowance for a busy machine.
    expect(performance.now() - began).toBeLessThan(10_000);
  });

  it('does not run code from the schema', () => {
    const key = '__proto__';
    const schema = JSON.parse(
      `{"properties":{"${key}":{"polluted":true},"a\\"];process.exit(1);//":{"const":"');process.exit(1)//"}},"pattern":"\\\\u2028/;process.exit(1)//","$comment":"*/process.exit(1)/*"}`,
    ) as unknown;
    expect(judgeJson(schema, '{"a\\"];process.exit(1);//":1}')).toMatchObject({ message: 'must be equal to constant' });
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});
