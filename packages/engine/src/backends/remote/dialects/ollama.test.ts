import { generateRequest, parse } from '@headway/protocol';
import { expect, it } from 'vitest';

import type { DialectContext } from './dialect.ts';
import { ollama } from './ollama.ts';

const context = { model: 'm', facts: null } as unknown as DialectContext;

const call = (args: string) =>
  ollama.call?.(
    parse(generateRequest, {
      messages: [
        { role: 'user', content: 'a' },
        { role: 'assistant', content: '', toolCalls: [{ id: 'x', name: 'f', arguments: args }] },
        { role: 'tool', toolCallId: 'x', content: 'r' },
      ],
    }),
    context,
    0,
  );

it.each(['{"a":', '5', '[]'])('names the arguments %j of a call in the history as what it cannot express', (args) => {
  expect(() => call(args)).toThrow(
    expect.objectContaining({
      code: 'invalid-request',
      message: expect.stringContaining('messages[1].toolCalls[0].arguments'),
    }),
  );
});

it('sends arguments as an object', () => {
  for (const [args, sent] of [
    ['{"a":1}', { a: 1 }],
    ['', {}],
  ] as const) {
    expect(call(args)?.body).toMatchObject({
      messages: [
        { role: 'user' },
        { tool_calls: [{ function: { name: 'f', arguments: sent } }] },
        { role: 'tool', tool_name: 'f' },
      ],
    });
  }
});
