import { messageText, type GenerateRequest } from '@headway/protocol';
import type { ScriptedOptions } from '@headway/engine';
import { describe, expect, test } from 'vitest';

import type { GatewayOptions } from '../../../../index.ts';
import { openScriptedGateway, reading, recordsOf } from '../../scripted-gateway.fixture.ts';

interface Item {
  id: string;
  type: string;
  call_id?: string;
}
interface Answer {
  id: string;
  status: string;
  output: Item[];
  previous_response_id: string | null;
  store: boolean;
}
interface Refusal {
  error: { message: string; type: string; param: string | null; code: string | null };
}

/** A gateway that records the conversations that the model reads. */
async function setUp(script: ScriptedOptions['script'] = { reply: 'Well.' }, options: Partial<GatewayOptions> = {}) {
  const read: string[][] = [];
  const context = await openScriptedGateway(
    {
      script: (request) => {
        read.push(toldTo(request));
        return typeof script === 'function' ? script(request) : (script ?? {});
      },
    },
    {},
    options,
  );
  const url = `${context.gateway.url}/v1/responses`;
  return {
    read,
    url,
    ask: (body: object, init?: RequestInit) => context.post('/v1/responses', body, init),
    answer: async (body: object): Promise<Answer> =>
      (await (await context.post('/v1/responses', body)).json()) as Answer,
    post: context.post,
    get: (path: string, init?: RequestInit) => fetch(`${url}/${path}`, init),
    [Symbol.asyncDispose]: () => context[Symbol.asyncDispose](),
  };
}

function toldTo({ messages = [] }: GenerateRequest): string[] {
  return messages.map((message) => {
    const calls = message.role === 'assistant' ? (message.toolCalls ?? []).map(({ name }) => `${name}()`) : [];
    return [message.role, messageText(message.content), ...calls].join(' ');
  });
}

async function refusal(response: Response): Promise<Refusal['error'] & { status: number }> {
  return { status: response.status, ...((await response.json()) as Refusal).error };
}

const tools = [{ type: 'function', name: 'look', parameters: { type: 'object' } }];
/** A script that calls a tool and then writes its result. */
const looks: ScriptedOptions['script'] = ({ messages = [] }) =>
  messages.at(-1)?.role === 'tool'
    ? { reply: 'A cat.' }
    : { reasoning: 'Hm.', reply: '', toolCalls: [{ name: 'look', arguments: '{}' }] };

describe('previous_response_id', () => {
  test('continues the input and output of a response, without its instructions', async () => {
    await using context = await setUp();
    const first = await context.answer({ input: 'Hi', instructions: 'Be brief.' });
    expect(first).toMatchObject({ store: true, previous_response_id: null });
    const second = await context.answer({ input: 'And?', previous_response_id: first.id, instructions: 'Be long.' });
    expect(second.previous_response_id).toBe(first.id);
    await context.answer({ input: 'So?', previous_response_id: second.id });
    expect(context.read.slice(1)).toEqual([
      ['system Be long.', 'user Hi', 'assistant Well.', 'user And?'],
      ['user Hi', 'assistant Well.', 'user And?', 'assistant Well.', 'user So?'],
    ]);
  });

  test.each([false, true])('continues after a call with only its output (streamed: %s)', async (stream) => {
    await using context = await setUp(looks);
    const ask = async (body: object): Promise<Answer> => {
      const response = await context.ask({ tools, stream, ...body });
      if (!stream) return (await response.json()) as Answer;
      const { data } = (await recordsOf(response)).at(-1) ?? { data: '' };
      return (JSON.parse(data) as { response: Answer }).response;
    };
    const first = await ask({ input: 'Look.' });
    const call = first.output.find(({ type }) => type === 'function_call');
    const output = { type: 'function_call_output', call_id: call?.call_id, output: 'cat.png' };
    await ask({ input: [output], previous_response_id: first.id });
    expect(context.read[1]).toEqual(['user Look.', 'assistant  look()', 'tool cat.png']);
    const forgotten = await refusal(await context.ask({ input: 'Well?', previous_response_id: first.id }));
    expect(forgotten).toMatchObject({ status: 400, param: 'input' });
    expect(forgotten.message).toMatch(/^input: the call \S+ has no output; send a function_call_output/);
  });

  test('may continue the same response twice', async () => {
    await using context = await setUp();
    const { id } = await context.answer({ input: 'Hi' });
    for (const input of ['one', 'two']) await context.answer({ input, previous_response_id: id });
    expect(context.read.slice(1).map((messages) => messages.at(-1))).toEqual(['user one', 'user two']);
  });

  test('of a response that is not kept is a 404 with the rule and the remedy', async () => {
    await using context = await setUp();
    const kept = await context.answer({ input: 'Hi', store: false });
    expect(kept.store).toBe(false);
    for (const id of [kept.id, 'resp_nobody', 'x'.repeat(200)]) {
      for (const stream of [false, true]) {
        const { status, type, code, param, message } = await refusal(
          await context.ask({ input: 'And?', previous_response_id: id, stream }),
        );
        expect({ status, type, code, param }).toEqual({
          status: 404,
          type: 'invalid_request_error',
          code: 'previous_response_not_found',
          param: 'previous_response_id',
        });
        expect(message).toMatch(/Previous response with id '\S+' not found\. .*an hour.*`store: false`\.$/);
      }
    }
    expect((await context.get(kept.id)).status).toBe(404);
  });

  test('of a response that is still being written is a conflict', async () => {
    await using context = await setUp({ reply: 'one two', fault: { phase: 'decode', afterTokens: 1, does: 'stall' } });
    const response = await context.ask({ input: 'Hi', stream: true });
    const id = `resp_${response.headers.get('x-generation-id')}`;
    const { status, message } = await refusal(await context.ask({ input: 'And?', previous_response_id: id }));
    expect(status).toBe(409);
    expect(message).toMatch(/^previous_response_id: resp_\S+ is still being written/);
    await response.body?.cancel();
  });

  test('of a failed response is a 404, and GET shows its error', async () => {
    await using context = await setUp({ reply: 'one two', fault: { phase: 'decode', afterTokens: 1, does: 'fail' } });
    const response = await context.ask({ input: 'Hi', stream: true });
    const id = `resp_${response.headers.get('x-generation-id')}`;
    await response.text();
    expect(await (await context.get(id)).json()).toMatchObject({ status: 'failed', error: { code: 'internal' } });
    const { code } = await refusal(await context.ask({ input: 'And?', previous_response_id: id }));
    expect(code).toBe('previous_response_not_found');
  });
});

describe('item_reference', () => {
  test('stands for an item of any earlier response', async () => {
    await using context = await setUp(looks);
    const first = await context.answer({ input: 'Look.', tools });
    const refer = ({ id }: Item) => ({ type: 'item_reference', id });
    const call = first.output.find(({ type }) => type === 'function_call');
    const second = await context.answer({
      tools,
      input: [
        { role: 'user', content: 'Look.' },
        ...first.output.map(refer),
        { type: 'function_call_output', call_id: call?.call_id, output: 'cat.png' },
      ],
    });
    expect(second.output[0]).toMatchObject({ type: 'message' });
    expect(context.read[1]).toEqual(['user Look.', 'assistant  look()', 'tool cat.png']);
  });

  test('adds no item that previous_response_id already has', async () => {
    await using context = await setUp();
    const first = await context.answer({ input: 'Hi' });
    const input = [
      { type: 'item_reference', id: first.output[0]?.id },
      { role: 'user', content: 'And?' },
    ];
    await context.answer({ input, previous_response_id: first.id });
    expect(context.read[1]).toEqual(['user Hi', 'assistant Well.', 'user And?']);
  });

  test('to an item that is not kept is a 404 with its path', async () => {
    await using context = await setUp();
    const { output } = await context.answer({ input: 'Hi', store: false });
    const input = [
      { role: 'user', content: 'Hi' },
      { type: 'item_reference', id: output[0]?.id },
    ];
    const { status, param, code, message } = await refusal(await context.ask({ input }));
    expect({ status, param, code }).toEqual({ status: 404, param: 'input[1].id', code: null });
    expect(message).toMatch(/Item with id '\S+' not found\..*`store` is set to false\..*send the item itself/);
  });
});

describe('a kept response', () => {
  test('can be read with its output and its input items', async () => {
    await using context = await setUp(looks);
    const answer = await context.answer({ input: 'Look.', tools, metadata: { a: 'b' } });
    expect(await (await context.get(answer.id)).json()).toEqual(answer);
    const items = (await (await context.get(`${answer.id}/input_items?order=asc`)).json()) as { data: Item[] };
    expect(items).toMatchObject({
      object: 'list',
      data: [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Look.' }] }],
      has_more: false,
      first_id: items.data[0]?.id,
    });
    expect((await context.get(`${answer.id}/input_items?after=msg_none`)).status).toBe(400);
  });

  test('can be streamed again with the same ids and end', async () => {
    await using context = await setUp(looks);
    const response = await context.ask({ input: 'Look.', tools, stream: true });
    const events = (await recordsOf(response)).map(({ data }) => JSON.parse(data) as { response?: Answer });
    const last = events.at(-1)?.response;
    const again = await recordsOf(await context.get(`${last?.id}?stream=true`));
    expect(JSON.parse(again.at(-1)?.data ?? '')).toMatchObject({ type: 'response.completed', response: last });
    const { status, param } = await refusal(await context.get(`${last?.id}?stream=true&starting_after=3`));
    expect({ status, param }).toEqual({ status: 400, param: 'starting_after' });
  });

  test('can be read and cancelled while it is written, and keeps its output so far', async () => {
    await using context = await setUp({ reply: 'one two', fault: { phase: 'decode', afterTokens: 1, does: 'stall' } });
    const response = await context.ask({ input: 'Hi', stream: true });
    const { until } = reading(response);
    await until(/output_text\.delta/);
    const id = `resp_${response.headers.get('x-generation-id')}`;
    const content = [{ content: [{ text: expect.stringMatching(/^one/) as string }] }];
    expect(await (await context.get(id)).json()).toMatchObject({ status: 'in_progress', output: content });
    const cancelled = await context.post(`/v1/responses/${id}/cancel`, {});
    expect(await cancelled.json()).toMatchObject({ id, status: 'cancelled', output: content });
    await until(/response\.failed/);
    expect(await (await context.get(id)).json()).toMatchObject({ status: 'cancelled' });
    expect((await context.post(`/v1/responses/${id}/cancel`, {})).status).toBe(200);
  });

  test('cannot be cancelled after its end', async () => {
    await using context = await setUp();
    const { id } = await context.answer({ input: 'Hi' });
    const { status, message } = await refusal(await context.post(`/v1/responses/${id}/cancel`, {}));
    expect(status).toBe(400);
    expect(message).toMatch(/^Cannot cancel/);
  });

  test('can be deleted, together with its events', async () => {
    await using context = await setUp();
    const { id, output } = await context.answer({ input: 'Hi' });
    const deleted = await context.get(id, { method: 'DELETE' });
    expect(await deleted.json()).toEqual({ id, object: 'response', deleted: true });
    expect((await context.get(id)).status).toBe(404);
    expect((await context.get(id, { method: 'DELETE' })).status).toBe(404);
    const input = [{ type: 'item_reference', id: output[0]?.id }];
    expect((await context.ask({ input })).status).toBe(404);
    const events = context.url.replace('responses', `generations/${id.slice('resp_'.length)}/events`);
    expect((await fetch(events)).status).toBe(404);
  });

  test('is not visible to other keys', async () => {
    const keys = ['ada', 'bob'].map((name) => `headway_${name.repeat(12)}`);
    const [ada, bob] = keys.map((key) => ({ authorization: `Bearer ${key}` }));
    await using context = await setUp(undefined, { apiKeys: keys });
    const response = await context.ask({ input: 'Hi' }, { headers: ada });
    const { id, output } = (await response.json()) as Answer;
    expect((await context.get(id, { headers: ada })).status).toBe(200);
    expect((await context.get(id, { headers: bob })).status).toBe(404);
    expect((await context.get(id, { headers: bob, method: 'DELETE' })).status).toBe(404);
    const asked = [
      { input: 'And?', previous_response_id: id },
      { input: [{ type: 'item_reference', id: output[0]?.id }] },
    ];
    for (const body of asked) expect((await context.ask(body, { headers: bob })).status).toBe(404);
    expect((await context.ask(asked[0] ?? {}, { headers: ada })).status).toBe(200);
  });
});
