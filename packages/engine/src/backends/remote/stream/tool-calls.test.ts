import { describe, expect, it } from 'vitest';

import { ToolCalls, type CallPart } from './tool-calls.ts';

function read(parts: readonly CallPart[]) {
  const calls = new ToolCalls();
  const told = parts.map((part) => calls.take(part));
  return { calls, told };
}
const part = (name: string | undefined, args: unknown, more: Pick<CallPart, 'index' | 'id'> = {}): CallPart => ({
  ...more,
  function: { ...(name !== undefined && { name }), arguments: args },
});
const own = expect.stringMatching(/^call_\w{24}$/) as unknown as string;

describe('tool calls in parts', () => {
  it('tells two calls with one index by their ids', () => {
    const { calls, told } = read([
      part('f', '{"x":', { index: 0, id: 'a' }),
      part(undefined, '1}', { index: 0 }),
      part('g', '{}', { index: 0, id: 'b' }),
    ]);
    expect(told.map((one) => one?.head.index)).toEqual([0, 0, 1]);
    expect(calls.list).toEqual([
      { id: 'a', name: 'f', arguments: '{"x":1}' },
      { id: 'b', name: 'g', arguments: '{}' },
    ]);
  });

  it('takes whole calls without index and id for one each', () => {
    const { calls } = read([part('f', '{}'), part('g', '{"y":2}')]);
    expect(calls.list).toEqual([
      { id: own, name: 'f', arguments: '{}' },
      { id: own, name: 'g', arguments: '{"y":2}' },
    ]);
    expect(calls.list[0]?.id).not.toBe(calls.list[1]?.id);
  });

  it('continues the last call where a part has neither index nor id, or a new id and no name', () => {
    expect(read([part('f', '{"x"'), part(undefined, ':1}')]).calls.list).toMatchObject([{ arguments: '{"x":1}' }]);
    const { calls } = read([part('f', '{"x"', { index: 0, id: 'a' }), part(undefined, ':1}', { index: 0, id: 'b' })]);
    expect(calls.list).toEqual([{ id: 'a', name: 'f', arguments: '{"x":1}' }]);
  });

  it('keeps calls apart whose parts come in turns, and numbers them from 0', () => {
    const { calls, told } = read([
      part('f', '{', { index: 1, id: 'same' }),
      part('g', '[', { index: 2, id: 'same' }),
      part(undefined, '}', { index: 1 }),
      part(undefined, ']', { index: 2 }),
    ]);
    expect(told.map((one) => one?.head.index)).toEqual([0, 1, 0, 1]);
    expect(calls.list).toEqual([
      { id: 'same', name: 'f', arguments: '{}' },
      { id: own, name: 'g', arguments: '[]' },
    ]);
  });

  it('writes arguments that are an object as JSON', () => {
    const { calls, told } = read([part('f', { x: 1 })]);
    expect(told[0]?.text).toBe('{"x":1}');
    expect(calls.list).toMatchObject([{ arguments: '{"x":1}' }]);
  });

  it('holds a call back until its name is known, and never tells one without', () => {
    const { calls, told } = read([
      part(undefined, '{"x":', { index: 0, id: 'a' }),
      part('f', '1', { index: 0 }),
      part(undefined, '}', { index: 0 }),
      part(undefined, '{}', { index: 1, id: 'b' }),
    ]);
    const head = { index: 0, id: 'a', name: 'f' };
    expect(told).toEqual([null, { head, text: '{"x":1' }, { head, text: '}' }, null]);
    expect(calls.list).toEqual([{ id: 'a', name: 'f', arguments: '{"x":1}' }]);
  });

  it('tells the name without arguments, and nothing of a part without a function', () => {
    const { calls, told } = read([
      { index: 0, id: 'a', function: null },
      part('f', '', { index: 0 }),
      { index: 0, function: null },
    ]);
    expect(told).toEqual([null, { head: { index: 0, id: 'a', name: 'f' }, text: '' }, null]);
    expect(calls.list).toEqual([{ id: 'a', name: 'f', arguments: '' }]);
  });
});
