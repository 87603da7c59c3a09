import { collect, invariantViolations } from '@headway/protocol/testing';
import type { GenerationEvent, SpanEvent } from '@headway/protocol';
import { describe, expect, test } from 'vitest';

import { openScriptedGateway, recordsOf } from './openai/scripted-gateway.fixture.ts';

const words = (count: number, word: string) => Array.from({ length: count }, (_, at) => `${word}${at}`).join(' ');
const [first, second] = [words(700, 'a'), words(500, 'b')];
const content = `Read:\n${first}\n${second}`;
const spans = [
  { name: 'first.txt', start: 6, end: 6 + first.length },
  { name: 'second.txt', start: 7 + first.length, end: content.length },
];
const script = { reply: 'all done' };

interface Progress {
  span?: { name: string; number: number; of: number; processed: number; total: number };
}

const surfaces = [
  { path: '/v1/chat/completions', body: { messages: [{ role: 'user', content }] } },
  { path: '/v1/completions', body: { prompt: content } },
  { path: '/v1/responses', body: { input: content } },
  {
    path: '/v1/messages',
    body: {
      max_tokens: 5,
      system: 'Be brief.',
      messages: [{ role: 'user', content: [{ type: 'text', text: content }] }],
    },
  },
];

describe.each(surfaces)('POST $path', ({ path, body }) => {
  test('names the document that is being read, where progress was asked', async () => {
    await using context = await openScriptedGateway({ script });
    const send = (rest: object, headers = {}) => context.post(path, { ...body, ...rest, stream: true }, { headers });
    const asked = await recordsOf(await send({ spans }, { 'X-Headway-Progress': 'named' }));
    const told = asked.flatMap(({ event, data }) =>
      event === 'prefill_progress' ? ((JSON.parse(data) as Progress).span ?? []) : [],
    );
    expect([...new Set(told.map(({ name, number, of }) => `${name} ${number}/${of}`))]).toEqual([
      'first.txt 1/2',
      'second.txt 2/2',
    ]);
    expect(told.map(({ total }) => total)).toEqual(told.map(({ number }) => (number === 1 ? 700 : 500)));
    expect(told.some(({ processed }) => processed > 0)).toBe(true);
    const silent = await recordsOf(await send({ spans }));
    expect(JSON.stringify(silent)).not.toContain('first.txt');
    const without = await recordsOf(await send({}, { 'X-Headway-Progress': 'named' }));
    expect(JSON.stringify(without)).not.toContain('"span"');
  });

  test('refuses a span outside of the text by its field', async () => {
    await using context = await openScriptedGateway({ script });
    const response = await context.post(path, { ...body, spans: [{ name: 'a', start: 0, end: content.length + 1 }] });
    expect(response.status).toBe(400);
    const { error } = (await response.json()) as { error: { message: string } };
    expect(error.message).toMatch(/^spans\[0\]\.end: is past the end of .*; send \d+ at most$/);
  });
});

const event = (events: readonly GenerationEvent[], number: number) =>
  events.findLast((one): one is SpanEvent => one.type === 'span' && one.number === number);

/** The spans as the gateway's own events have them, once the request has ended. */
async function spansOf(path: string, body: object): Promise<(SpanEvent | undefined)[]> {
  await using context = await openScriptedGateway({ script });
  const response = await context.post(path, { max_tokens: 5, ...body });
  expect([response.status, response.ok || (await response.json())]).toEqual([200, true]);
  const id = response.headers.get('x-generation-id');
  const records = await recordsOf(await fetch(`${context.gateway.url}/v1/generations/${id}/events`));
  const events = records.map(({ data }) => JSON.parse(data) as GenerationEvent);
  expect(invariantViolations(events, { merged: true })).toEqual([]);
  return [1, 2].map((number) => event(events, number));
}

const text = (count: number) => words(count, 'w');
const at = (message: number, count: number) => ({ name: 'a', start: 0, end: text(count).length, message });

describe('the index `message` is that of the body', () => {
  test('of messages that Anthropic joins to one turn, and of results', async () => {
    const messages = [
      { role: 'user', content: text(20) },
      { role: 'user', content: text(30) },
      { role: 'assistant', content: [{ type: 'tool_use', id: 'call', name: 'look', input: {} }] },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'call', content: 'found' },
          { type: 'text', text: text(40) },
        ],
      },
    ];
    const tools = [{ name: 'look', input_schema: { type: 'object' } }];
    const body = { system: 'Be brief.', messages, tools };
    expect(await spansOf('/v1/messages', { ...body, spans: [at(1, 30), at(3, 40)] })).toMatchObject([
      { total: 30 },
      { total: 40 },
    ]);
    await using context = await openScriptedGateway({ script });
    const refused = await context.post('/v1/messages', { ...body, max_tokens: 5, spans: [at(2, 30)] });
    expect(await refused.json()).toMatchObject({
      error: { message: 'spans[0].message: messages[2] has no text of its own; send the index of an entry with one' },
    });
  });

  test("of a response's input", async () => {
    const input = [
      { role: 'user', content: text(20) },
      { type: 'function_call', call_id: 'call', name: 'look', arguments: '{}' },
      { type: 'function_call_output', call_id: 'call', output: text(30) },
      { role: 'user', content: [{ type: 'input_text', text: text(40) }] },
    ];
    const body = { instructions: 'Be brief.', input };
    expect(await spansOf('/v1/responses', { ...body, spans: [at(2, 30), at(3, 40)] })).toMatchObject([
      { total: 30 },
      { total: 40 },
    ]);
    await using context = await openScriptedGateway({ script });
    const refused = await context.post('/v1/responses', { ...body, spans: [at(4, 30)] });
    expect(await refused.json()).toMatchObject({
      error: { message: 'spans[0].message: is 4, but the last of the input is 3; send its index' },
    });
  });
});

test('a late viewer and the engine agree on how far each span is read', async () => {
  await using context = await openScriptedGateway({ script });
  const events = await collect(context.engine.generate({ prompt: content, spans }));
  expect(invariantViolations(events)).toEqual([]);
  const late = await spansOf('/v1/completions', { prompt: content, spans });
  const lasting = (one: SpanEvent | undefined) => one && { ...one, seq: 0 };
  expect(late.map(lasting)).toEqual([1, 2].map((number) => lasting(event(events, number))));
});
