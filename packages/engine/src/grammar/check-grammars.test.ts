import { generateRequest, type GenerateInput } from '@headway/protocol';
import { describe, expect, test } from 'vitest';

import { argumentsSchema, checkGrammars, compileArguments } from './check-grammars.ts';
import { formatSchema } from './format-grammar.ts';

const messages: GenerateInput['messages'] = [{ role: 'user', content: 'x' }];
const check = (input: Partial<GenerateInput>, signal = new AbortController().signal) =>
  checkGrammars(generateRequest.parse({ messages, ...input }), signal);

const pattern = { type: 'object', properties: { title: { type: 'string', pattern: '(a)\\1' } } };
const place = 'properties.title.pattern';

describe('checkGrammars', () => {
  test('refuses a strict format schema that a grammar cannot enforce, and lists the field otherwise', async () => {
    await expect(check({ responseFormat: { type: 'json', schema: pattern, strict: true } })).rejects.toMatchObject({
      code: 'invalid-request',
      message: expect.stringMatching(/^responseFormat\.schema\.properties\.title\.pattern: /),
    });
    expect((await check({ responseFormat: { type: 'json', schema: pattern } })).leftOut).toEqual([
      `responseFormat.schema.${place}`,
    ]);
    expect((await check({ responseFormat: { type: 'json' } })).leftOut).toEqual([]);
    expect(formatSchema({})).toEqual({ type: 'object' });
    expect(formatSchema({ schema: pattern })).toBe(pattern);
  });

  test('refuses such a schema of a strict tool, and lists the field otherwise', async () => {
    const schemaCheck = await check({ tools: [{ name: 'e' }, { name: 'f', parameters: pattern }] });
    expect(schemaCheck.leftOut).toEqual([`tools[1].parameters.${place}`]);
    await expect(check({ tools: [{ name: 'f', parameters: pattern, strict: true }] })).rejects.toMatchObject({
      message: expect.stringMatching(/^tools\[0\]\.parameters\.properties\.title\.pattern: /),
    });
  });

  test('allows any object as the arguments when the schema of a tool that is not strict is too large', async () => {
    const names = Array.from({ length: 1500 }, (_, at) => [`p${at}`, { type: 'null' }]);
    const parameters = { type: 'object', properties: Object.fromEntries(names) };
    await check({ tools: [{ name: 'f', parameters }] });
    const { gbnf, leftOut } = compileArguments(
      { name: 'f', parameters, strict: false },
      { field: 'tools[0].parameters' },
    );
    expect(gbnf).toBe(compileArguments({ name: 'f', parameters: { type: 'object' }, strict: false }, {}).gbnf);
    expect(leftOut).toEqual(['tools[0].parameters']);
    await expect(check({ tools: [{ name: 'f', parameters, strict: true }] })).rejects.toMatchObject({
      message: expect.stringMatching(/^tools\[0\]\.parameters: has more than 256 optional properties/),
    });
  });

  test('ignores the schemas of tools when toolChoice is none', async () => {
    const tools = [{ name: 'f', parameters: pattern, strict: true }];
    await expect(check({ tools, toolChoice: 'none' })).resolves.toMatchObject({ leftOut: [] });
    await expect(check({ tools, toolChoice: 'auto' })).rejects.toMatchObject({ code: 'invalid-request' });
  });

  test('requires an object as the type of the parameters', async () => {
    await expect(check({ tools: [{ name: 'f', parameters: { type: 'array' } }] })).rejects.toMatchObject({
      message: 'tools[0].parameters.type: must be "object", because a call names its arguments',
    });
    expect(argumentsSchema({ name: 'f', parameters: {}, strict: false })).toEqual({ type: 'object' });
    await check({ tools: [{ name: 'f', parameters: { type: ['object', 'null'], nullable: true }, strict: true }] });
    const parameters = { type: ['object', 'null'], nullable: true };
    expect(argumentsSchema({ name: 'f', parameters, strict: false })).toEqual({ type: 'object', nullable: false });
  });

  test('refuses tools whose schemas exceed 512 kB together', async () => {
    const tools = (count: number) =>
      Array.from({ length: count }, (_, at) => ({
        name: `f${at}`,
        parameters: { type: 'object', description: 'x'.repeat(60_000) },
      }));
    await check({ tools: tools(8) });
    await expect(check({ tools: tools(9) })).rejects.toMatchObject({
      message: expect.stringMatching(/^tools: the schemas have more than 512 kB together; /),
    });
  });

  test('stops when the signal aborts', async () => {
    const abort = new AbortController();
    const checking = check({ tools: [{ name: 'f', parameters: {} }] }, abort.signal);
    abort.abort(new Error('enough'));
    await expect(checking).rejects.toThrow('enough');
  });
});
