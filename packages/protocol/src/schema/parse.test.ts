import { describe, expect, test } from 'vitest';

import { generateRequest } from './requests/generate-request.ts';
import { isHeadwayError } from '../errors/headway-error.ts';
import { parse } from './parse.ts';

const refusal = (value: unknown): string => {
  try {
    parse(generateRequest, value);
  } catch (thrown) {
    if (isHeadwayError(thrown) && thrown.code === 'invalid-request' && !thrown.retryable) return thrown.message;
    throw thrown;
  }
  return 'accepted';
};

const user = (fields: object) => ({ messages: [{ role: 'user', content: 'x', ...fields }] });
const biases = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, id) => [id, 1]));
const nested = (depth: number): unknown => JSON.parse('{"a":'.repeat(depth) + '1' + '}'.repeat(depth));

test('an absent field gets its default', () => {
  expect(parse(generateRequest, { prompt: 'x' })).toEqual({
    model: 'default',
    prompt: 'x',
    temperature: 0.7,
    topP: 0.95,
    topK: 40,
    minP: 0.05,
    stop: [],
    repeatPenalty: 1,
    presencePenalty: 0,
    frequencyPenalty: 0,
    onContextFull: 'length',
    ignoreEos: false,
    parallelToolCalls: true,
    choices: 1,
    cachePrompt: true,
    priority: 0,
    progressIntervalMs: 0,
  });
  expect(parse(generateRequest, { prompt: 'x', stop: 'END' }).stop).toEqual(['END']);
});

test("onContextFull 'shift' without maxTokens is refused", () => {
  const input = { prompt: 'x', onContextFull: 'shift' };
  expect(() => parse(generateRequest, input)).toThrow(/^maxTokens: is missing;/);
  expect(parse(generateRequest, { ...input, maxTokens: 5 })).toMatchObject(input);
});

describe('every field has bounds, and both ends are accepted', () => {
  test.each<[field: string, accepted: unknown[], refused: unknown[]]>([
    ['priority', [-10, 10], [-11, 11, 0.5, '1', null]],
    ['onContextFull', ['length'], ['stop', null]],
    ['maxTokens', [1, 10_000_000], [0, -1, 1.5, 10_000_001, 1e20, NaN, Infinity, '5', null]],
    ['temperature', [0, 2, 100], [-0.1, 100.1, NaN, Infinity, '1', null]],
    ['topP', [0, 1], [1.1, -1, '1']],
    ['topK', [0, 1_000_000], [-1, 1.5, 1_000_001]],
    ['minP', [0, 1], [-0.1, 1.1]],
    ['seed', [0, 0xffff_ffff], [-1, 1.5, 0x1_0000_0000]],
    ['repeatPenalty', [0.1, 2], [0, 2.1]],
    ['presencePenalty', [-2, 2], [-2.1, 2.1, NaN, '1', null]],
    ['frequencyPenalty', [-2, 2], [-2.1, 2.1, Infinity, true]],
    [
      'logitBias',
      [{}, { 0: -100, 4294967295: 100 }, biases(1024)],
      [
        { 0: -101 },
        { 0: 101 },
        { 0: '1' },
        { the: 1 },
        { '01': 1 },
        { '-1': 1 },
        { '': 1 },
        biases(1025),
        [1],
        5,
        null,
      ],
    ],
    ['ignoreEos', [true, false], [1, 'true', null]],
    ['choices', [1, 8], [0, 9, 1.5]],
    ['logprobs', [0, 20], [-1, 21, true]],
    ['progressIntervalMs', [0, 60_000], [-1, 60_001]],
    ['stop', [[], 'x', ['x'.repeat(256)], Array(64).fill('x')], ['', [''], 'x'.repeat(257), Array(65).fill('x'), 5]],
    ['id', ['a', 'A-z_9'.repeat(12)], ['', 'a b', 'ü', 'x'.repeat(65), 5]],
    ['model', ['default', 'x'.repeat(256)], ['', 'x'.repeat(257), 5]],
    ['lastEventId', ['g:5'], ['x'.repeat(129), 5]],
    [
      'responseFormat',
      [{ type: 'json' }, { type: 'json', schema: nested(60) }],
      [{ type: 'xml' }, 'json', { type: 'json', schema: 5 }],
    ],
    ['tools', [], [[], [{ name: 'a b' }], [{}], Array(1025).fill({ name: 'x' }), [{ name: 'x'.repeat(129) }]]],
    ['toolChoice', ['auto', 'none'], ['some', {}, { name: '' }, { name: 'x'.repeat(129) }]],
    ['parallelToolCalls', [true, false], [1, 'no', null]],
  ])('%s', (field, accepted, refused) => {
    for (const value of accepted) expect(refusal({ prompt: 'x', [field]: value })).toBe('accepted');
    for (const value of refused) expect(refusal({ prompt: 'x', [field]: value })).toMatch(new RegExp(`^${field}[:.[]`));
  });

  test('logitBias takes token ids only, and 1,024 of them at most', () => {
    expect(refusal({ prompt: 'x', logitBias: { the: 1 } })).toBe(
      'logitBias: "the" is not the id of a token; send ids, which are whole numbers',
    );
    expect(refusal({ prompt: 'x', logitBias: biases(1025) })).toBe('logitBias: has 1025 tokens; send 1024 at most');
  });

  test('messages', () => {
    expect(refusal({ messages: [] })).toMatch(/^messages: /);
    expect(refusal({ messages: Array(4097).fill({ role: 'user', content: 'x' }) })).toMatch(/^messages: .*4096/);
    expect(refusal({ messages: ['x'] })).toMatch(/^messages\[0\]: /);
    for (const role of ['system', 'user', 'assistant']) expect(refusal(user({ role }))).toBe('accepted');
    expect(refusal(user({ content: [{ type: 'text', text: 'x' }] }))).toBe('accepted');
  });
});

describe('chatTemplateKwargs', () => {
  const chat = (chatTemplateKwargs: unknown) => refusal({ ...user({}), chatTemplateKwargs });
  const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, at) => [`k${at}`, at]));

  test('accept any JSON within their bounds', () => {
    const accepted = [{}, { enable_thinking: false, list: [{ a: null }] }, many(64), { text: 'x'.repeat(65_525) }];
    for (const kwargs of accepted) expect(chat(kwargs)).toBe('accepted');
    for (const text of ['x'.repeat(65_526), 'ü'.repeat(40_000)]) {
      expect(chat({ text })).toBe('chatTemplateKwargs: is larger than 64 kB as JSON; send less');
    }
    expect(chat(many(65))).toBe('chatTemplateKwargs: has 65 names; send 64 at most');
    expect(chat({ a: nested(100_000) })).toBe('chatTemplateKwargs: is nested deeper than 64 levels');
    expect(chat({ a: () => 1 })).toBe('chatTemplateKwargs: is not JSON');
    expect(chat(5)).toBe('chatTemplateKwargs: must be an object, not a number');
    expect(chat([])).toBe('chatTemplateKwargs: must be an object, not an array');
  });

  test.each(['messages', 'tools', 'add_generation_prompt', 'bos_token', 'eos_token', 'continue_final_message'])(
    'refuse the reserved name %s',
    (name) => {
      expect(chat({ [name]: true })).toBe(`chatTemplateKwargs.${name}: is set for every template already; remove it`);
    },
  );

  test('need a conversation', () => {
    expect(refusal({ prompt: 'x', chatTemplateKwargs: {} })).toBe(
      'chatTemplateKwargs: need a conversation; send `messages` instead of `prompt`',
    );
  });
});

test('only messages of the assistant may have reasoning', () => {
  const reasoning = 'hm';
  expect(refusal(user({ role: 'assistant', reasoning }))).toBe('accepted');
  expect(refusal(user({ role: 'assistant', reasoning: 5 }))).toBe(
    'messages[0].reasoning: must be a string, not a number',
  );
  expect(refusal(user({ reasoning }))).toBe('messages[0].reasoning: unknown field; remove it');
});

describe('tools', () => {
  const look = { name: 'look', parameters: {} };
  const ask = { messages: [{ role: 'user', content: 'x' }] };

  test.each<[accepted: string, request: object]>([
    ['may be sent', { tools: [look] }],
    ['may be strict', { tools: [{ ...look, strict: true }] }],
    ['may be forced', { tools: [look], toolChoice: 'required' }],
    ['may be forced by name', { tools: [look], toolChoice: { name: 'look' } }],
    [
      'may be combined with a format if toolChoice is none',
      { tools: [look], toolChoice: 'none', responseFormat: { type: 'json' } },
    ],
  ])('%s', (_, request) => {
    expect(refusal({ ...ask, ...request })).toBe('accepted');
  });

  test.each<[request: object, message: RegExp]>([
    [{ tools: [look, look] }, /^tools\[1\]\.name: look appears twice/],
    [{ toolChoice: 'required' }, /^toolChoice: there are no tools to call; send `tools`/],
    [{ toolChoice: { name: 'look' } }, /^toolChoice\.name: there is no tool look; name one of `tools`/],
    [{ tools: [look], ignoreEos: true }, /^ignoreEos: cannot be combined with tools; send one of them/],
    [{ responseFormat: { type: 'json' }, ignoreEos: true }, /^ignoreEos: cannot be combined with responseFormat/],
    [{ responseFormat: { type: 'json' }, stop: 'x' }, /^stop: could cut the text that responseFormat requires/],
    [{ tools: [look], onContextFull: 'shift', maxTokens: 5 }, /^onContextFull: 'shift' cannot be combined with tools/],
  ])('are refused in %j', (request, message) => {
    expect(refusal({ ...ask, ...request })).toMatch(message);
  });

  test('need a conversation', () => {
    expect(refusal({ prompt: 'x', tools: [look] })).toBe(
      'tools: need a conversation; send `messages` instead of `prompt`',
    );
  });

  const call = (...ids: string[]) => ({
    role: 'assistant',
    content: '',
    toolCalls: ids.map((id) => ({ id, name: 'look', arguments: '{}' })),
  });
  const result = (toolCallId: string) => ({ role: 'tool', toolCallId, content: 'x' });
  const user = { role: 'user', content: 'x' };

  test.each<[messages: object[]]>([
    [[user, call('a'), result('a')]],
    [[user, call('a', 'b'), result('b'), result('a'), user]],
    [[user, call('a'), result('a'), call('a'), result('a')]],
  ])('may have calls with their results in %j', (messages) => {
    expect(refusal({ messages })).toBe('accepted');
  });

  test.each<[message: RegExp, messages: object[]]>([
    [/^messages\[0\]\.toolCallId: answers no open call/, [result('a')]],
    [/^messages\[3\]\.toolCallId: answers no open call/, [user, call('a'), result('a'), result('a')]],
    [/^messages\[1\]\.toolCalls\[0\]: the call a has no result; send one/, [user, call('a')]],
    [/^messages\[1\]\.toolCalls\[1\]: the call b has no result/, [user, call('a', 'b'), result('a'), user]],
    [/^messages\[1\]\.toolCalls\[1\]\.id: a appears twice/, [user, call('a', 'a'), result('a')]],
  ])('are refused where calls and results do not match: %s', (message, messages) => {
    expect(refusal({ messages })).toMatch(message);
  });
});

describe('the message names', () => {
  test.each([
    ['the missing field', {}, 'prompt: is missing; send `prompt` or `messages`'],
    ['the empty field', { prompt: '' }, 'prompt: is empty; send at least one character'],
    [
      'two fields that exclude each other',
      { prompt: 'x', ...user({}) },
      'prompt: cannot be sent with `messages`; send one of them',
    ],
    ['an unknown field', { prompt: 'x', temprature: 1 }, 'temprature: unknown field; remove it'],
    ['an unknown field of a message', user({ name: 'bob' }), 'messages[0].name: unknown field; remove it'],
    [
      'a field that could pollute prototypes',
      JSON.parse('{"prompt":"x","__proto__":{}}'),
      '__proto__: unknown field; remove it',
    ],
    [
      'the roles that exist',
      user({ role: 'alien' }),
      'messages[0].role: must be one of: "system", "user", "assistant", "tool"',
    ],
    ['the bound', { prompt: 'x', temperature: 101 }, 'temperature: must be at most 100'],
    ['the type', { prompt: 5 }, 'prompt: must be a string, not a number'],
    ['the whole request when it is not an object', 'x', 'request: must be an object, not a string'],
    [
      'the branch of a union that fits best',
      { prompt: 'x', toolChoice: { nme: 1 } },
      'toolChoice.name: is missing; it must be a string; toolChoice.nme: unknown field; remove it',
    ],
    [
      'the bound of the union branch with the right type',
      { prompt: 'x', stop: 'x'.repeat(300) },
      'stop: must have at most 256 characters',
    ],
    ['a whole number', { prompt: 'x', seed: 1.5 }, 'seed: must be a whole number'],
    ['an exclusive bound', { prompt: 'x', repeatPenalty: 0 }, 'repeatPenalty: must be more than 0'],
    [
      'the values that exist',
      { prompt: 'x', responseFormat: { type: 'xml' } },
      'responseFormat.type: must be one of: "json", "grammar", "regex", "choice"',
    ],
    [
      'an unknown field of a tool call',
      user({ role: 'assistant', toolCalls: [{ id: 'a', name: 'f', arguments: '{}', bogus: 1 }] }),
      'messages[0].toolCalls[0].bogus: unknown field; remove it',
    ],
    [
      'the bound of a tool call',
      user({ role: 'assistant', toolCalls: [{ id: 'x'.repeat(5000), name: 'f', arguments: '{}' }] }),
      'messages[0].toolCalls[0].id: must have at most 256 characters',
    ],
    [
      'the format of a tool call’s name',
      user({ role: 'assistant', toolCalls: [{ id: 'a', name: 'two words', arguments: '{}' }] }),
      'messages[0].toolCalls[0].name: use 1 to 128 letters, digits, "_" or "-"',
    ],
    ['the tightest bound alone', { prompt: 'x', maxTokens: 1e300 }, 'maxTokens: must be at most 10000000'],
    [
      'both the fixed values and the type of a union',
      { prompt: 'x', toolChoice: 5 },
      'toolChoice: must be one of: "auto", "none", "required", or must be an object, not a number',
    ],
    [
      'every type of a union when none of them fits',
      { prompt: 'x', stop: 5 },
      'stop: must be a string or an array, not a number',
    ],
  ])('%s', (_, value, message) => {
    expect(refusal(value)).toBe(message);
  });

  test('the unsupported type of an image part', () => {
    const image = { type: 'image_url', image_url: { url: 'data:' } };
    expect(refusal(user({ content: [image] }))).toBe(
      'messages[0].content[0].type: parts of type "image_url" are not supported; this model reads text only, send {"type": "text"}',
    );
  });

  test('at most five issues, and the number of the others', () => {
    const unknown = Object.fromEntries(Array.from({ length: 7 }, (_, at) => [`f${at}`, 1]));
    expect(refusal({ prompt: 'x', ...unknown })).toMatch(/^f0: .*f4: unknown field; remove it; and 2 more$/);
  });

  test('at most 200 characters of the input', () => {
    const long = 'x'.repeat(100_000);
    expect(refusal({ prompt: 'x', [long]: 1 }).length).toBeLessThan(300);
    expect(refusal(user({ content: [{ type: long, text: 'x' }] })).length).toBeLessThan(500);
  });
});

describe('the error has an issue for each field', () => {
  const issuesOf = (value: unknown) => {
    try {
      parse(generateRequest, value);
    } catch (thrown) {
      if (isHeadwayError(thrown)) return thrown.issues;
    }
    throw new Error('accepted');
  };

  test.each<[value: object, issues: object[]]>([
    [
      { prompt: 'x', temperature: 101 },
      [{ path: ['temperature'], message: 'must be at most 100', expected: 'at most 100' }],
    ],
    [
      { prompt: 5, seed: 1.5 },
      [
        { path: ['prompt'], message: 'must be a string, not a number', expected: 'a string' },
        { path: ['seed'], message: 'must be a whole number', expected: 'a whole number' },
      ],
    ],
    [user({ name: 'bob' }), [{ path: ['messages', 0, 'name'], message: 'unknown field; remove it' }]],
    [
      { ...user({}), responseFormat: { type: 'json' }, stop: 'x' },
      [
        {
          path: ['stop'],
          message: 'could cut the text that responseFormat requires; send one of them',
          mentions: [{ at: 24, path: ['responseFormat'] }],
        },
      ],
    ],
  ])('%j', (value, issues) => {
    expect(issuesOf(value)).toEqual(issues);
  });

  test('an error about 30 wrong fields keeps 20 issues and counts all in its message', () => {
    const unknown = Object.fromEntries(Array.from({ length: 30 }, (_, at) => [`f${at}`, 1]));
    expect(issuesOf({ prompt: 'x', ...unknown })).toHaveLength(20);
    expect(refusal({ prompt: 'x', ...unknown })).toMatch(/; and 25 more$/);
  });

  test('no path or message repeats more than 200 characters of the input', () => {
    const [issue] = issuesOf({ prompt: 'x', ['y'.repeat(5000)]: 1 });
    expect(issue?.path).toEqual([`${'y'.repeat(200)}…`]);
  });
});

test('a JSON schema that would exhaust the stack is refused with a message', () => {
  for (const depth of [65, 100_000]) {
    const schema = nested(depth);
    const message = 'is nested deeper than 64 levels';
    expect(refusal({ prompt: 'x', responseFormat: { type: 'json', schema } })).toBe(
      `responseFormat.schema: ${message}`,
    );
    expect(refusal({ ...user({}), tools: [{ name: 'x', parameters: schema }] })).toBe(
      `tools[0].parameters: ${message}`,
    );
  }
  const notJson = { type: 'json', schema: { default: () => 1 } };
  expect(refusal({ prompt: 'x', responseFormat: notJson })).toBe('responseFormat.schema: is not JSON');
});
