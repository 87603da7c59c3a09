import { MessageChannel } from 'node:worker_threads';

import { generateRequest, type GenerationEvent } from '@headway/protocol';
import { invariantViolations } from '@headway/protocol/testing';
import { expect, it } from 'vitest';

import { scripted } from '../backends/scripted/scripted.ts';
import { createVirtualClock } from '../backends/scripted/virtual-clock.ts';
import { EngineHost } from '../host/engine-host.ts';
import type { EngineCommand, EngineMessage } from './engine-port.ts';

it('a host behind a message channel runs and cancels generations by id', async () => {
  const { port1: caller, port2: hostSide } = new MessageChannel();
  const clock = createVirtualClock({ auto: true });
  const stalls = { fault: { phase: 'decode', afterTokens: 3, does: 'stall' } } as const;
  const host = new EngineHost({
    backends: [scripted({ clock, script: ({ prompt }) => (prompt === 'stall' ? stalls : {}) })],
    clock,
    parallel: 2,
    contextSize: null,
    maxQueue: 4,
    queueTimeoutMs: 60_000,
    itlBudgetMs: 100,
    onMessage: (message) => hostSide.postMessage(message),
  });
  hostSide.on('message', (command: EngineCommand) => host.send(command));
  const streams: Record<string, GenerationEvent[]> = { a: [], b: [] };
  const refusals: EngineMessage[] = [];
  const ended = new Promise<void>((resolve) => {
    let open = 2;
    caller.on('message', (message: EngineMessage) => {
      if (message.kind === 'refused') return void refusals.push(message);
      streams[message.id]?.push(message.event);
      const last = message.event;
      if (message.id === 'b' && last.type === 'token' && last.completionTokens === 3) {
        caller.postMessage({ kind: 'cancel', id: 'b', reason: 'abandoned' } satisfies EngineCommand);
      }
      if ((last.type === 'done' || last.type === 'error') && --open === 0) resolve();
    });
  });
  const send = (id: string, prompt: string) =>
    caller.postMessage({
      kind: 'generate',
      id,
      owner: '',
      request: { ...generateRequest.parse({ prompt }), id },
    } satisfies EngineCommand);
  send('a', 'one two three');
  send('b', 'stall');
  send('b', 'the same id');
  await ended;
  expect(invariantViolations(streams['a'] ?? [])).toEqual([]);
  expect(invariantViolations(streams['b'] ?? [])).toEqual([]);
  expect(streams['a']?.at(-1)).toMatchObject({ type: 'done', finishReason: 'stop' });
  expect(streams['b']?.at(-1)).toMatchObject({ type: 'error', code: 'abandoned', usage: { completionTokens: 3 } });
  expect(refusals).toMatchObject([{ id: 'b', error: { code: 'conflict' } }]);
  caller.close();
  await host.close();
});
