import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import type { SharedGeneration } from '../../../../generations/shared-generation.ts';
import { keptItem, type KeptItem } from './item-pool.ts';
import { KeptResponses, type KeptResponsesOptions, type ResponseOutcome } from './kept-responses.ts';

const hour = 60 * 60_000;
const ended = { ended: true } as SharedGeneration;

function open(options: KeptResponsesOptions = {}) {
  const responses = new KeptResponses(options);
  const keep = async (id: string, input: readonly KeptItem[], { owner = '', text = 'Well.' } = {}) => {
    const outcome: ResponseOutcome = {
      status: 'completed',
      output: [
        {
          id: `msg_${id}_0`,
          type: 'message',
          role: 'assistant',
          status: 'completed',
          content: [{ type: 'output_text', text, annotations: [], logprobs: [] }],
        },
      ],
    };
    const head = { id, model: 'm', created: 1 };
    responses.keep(
      { owner, head, request: { format: null }, toolNames: new Map(), input },
      ended,
      Promise.resolve(outcome),
    );
    const found = await responses.find(owner, id);
    return [...(found?.response.input ?? []), ...(found?.output ?? [])];
  };
  return { responses, keep };
}

const said = (id: string, content: string) => keptItem(id, { role: 'user', content });

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('KeptResponses keeps a response for an hour after its end', async () => {
  const { responses, keep } = open();
  await keep('a', [said('q', 'Hi')]);
  vi.advanceTimersByTime(hour - 1);
  expect(await responses.find('', 'a')).toMatchObject({ outcome: { status: 'completed' } });
  expect(responses.item('', 'msg_a_0')).toMatchObject({ id: 'msg_a_0' });
  vi.advanceTimersByTime(1);
  expect(await responses.find('', 'a')).toBeNull();
  expect(responses.item('', 'msg_a_0')).toBeNull();
  expect(responses.bytes).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
});

test('an item stays as long as a later response contains it', async () => {
  const { responses, keep } = open();
  const first = await keep('a', [said('q', 'Hi')]);
  vi.advanceTimersByTime(hour - 1);
  await keep('b', [...first, said('r', 'And?')]);
  vi.advanceTimersByTime(1);
  expect(await responses.find('', 'a')).toBeNull();
  expect(responses.item('', 'msg_a_0')).toMatchObject({ id: 'msg_a_0' });
  vi.advanceTimersByTime(hour);
  expect(responses.bytes).toBe(0);
});

test('a chain of responses takes memory only for new items', async () => {
  const { responses, keep } = open();
  const text = 'x'.repeat(10_000);
  let conversation: readonly KeptItem[] = [];
  const grown: number[] = [];
  for (let turn = 0; turn < 40; turn++) {
    const before = responses.bytes;
    conversation = await keep(`t${turn}`, [...conversation, said(`q${turn}`, text)], { text });
    grown.push(responses.bytes - before);
  }
  // Two texts at two bytes a character, and a list reference for each earlier item.
  expect(Math.max(...grown)).toBeLessThan(45_000);
  expect(responses.size).toBe(40);
  for (let turn = 0; turn < 40; turn++) responses.forget('', `t${turn}`);
  expect(responses.bytes).toBe(0);
});

describe('beyond its limits KeptResponses deletes', () => {
  test('the oldest response of the owner with the most responses', async () => {
    const { responses, keep } = open({ most: 3 });
    await keep('a', [], { owner: 'ada' });
    for (const id of ['x', 'y', 'z']) await keep(id, [], { owner: 'bob' });
    expect(await responses.find('bob', 'x')).toBeNull();
    expect(await responses.find('bob', 'y')).toMatchObject({ response: { head: { id: 'y' } } });
    expect(await responses.find('ada', 'a')).toMatchObject({ response: { head: { id: 'a' } } });
  });

  test('the oldest response of the owner with the most bytes, and one that alone is too large', async () => {
    const { responses, keep } = open({ mostBytes: 50_000 });
    await keep('a', [], { owner: 'ada' });
    await keep('x', [said('q', 'x'.repeat(20_000))], { owner: 'bob' });
    await keep('y', [said('r', 'x'.repeat(20_000))], { owner: 'bob' });
    expect(await responses.find('bob', 'x')).toBeNull();
    expect(await responses.find('bob', 'y')).toMatchObject({ response: { head: { id: 'y' } } });
    await keep('z', [said('s', 'x'.repeat(40_000))], { owner: 'bob' });
    expect(await responses.find('bob', 'z')).toBeNull();
    expect(await responses.find('ada', 'a')).toMatchObject({ response: { head: { id: 'a' } } });
    expect(responses.bytes).toBeLessThan(50_000);
  });
});

test('an owner cannot find responses and items of another owner', async () => {
  const { responses, keep } = open();
  await keep('a', [said('q', 'Hi')], { owner: 'ada' });
  expect(await responses.find('bob', 'a')).toBeNull();
  expect(responses.item('bob', 'msg_a_0')).toBeNull();
});

test('a response whose outcome rejects is deleted', async () => {
  const { responses } = open();
  const head = { id: 'a', model: 'm', created: 1 };
  const input = [said('q', 'Hi')];
  responses.keep(
    { owner: '', head, request: { format: null }, toolNames: new Map(), input },
    ended,
    Promise.reject(new Error('gone')),
  );
  expect(await responses.find('', 'a')).toBeNull();
  expect(responses.bytes).toBe(0);
});
