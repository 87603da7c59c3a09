import { createEngine, createVirtualClock, scripted } from '@headway/engine';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';

import { startGateway } from '../index.ts';

test('the log has a line for each request and each generation, and no text of prompts or answers', async () => {
  const lines: string[] = [];
  const logger = pino({ level: 'trace' }, { write: (line) => lines.push(line) });
  const clock = createVirtualClock({ auto: true });
  const secret = 'opensesame';
  await using engine = await createEngine({
    backend: scripted({ clock, contextSize: 64, script: { reply: `${secret} ${secret}` } }),
    clock,
  });
  {
    await using gateway = await startGateway({ engine, port: 0, logger });
    const ask = (path: string, body: string) =>
      fetch(gateway.url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-token': secret },
        body,
      });
    const messages = (content: unknown) => JSON.stringify({ messages: [{ role: 'user', content }], stream: true });
    for (const body of [messages(secret), messages(`${secret} `.repeat(100)), messages({ secret }), `{${secret}`]) {
      await (await ask('/v1/chat/completions', body)).text();
    }
    await ask(`/trpc/cancel?token=${secret}`, JSON.stringify({ id: secret, [secret]: 1 }));

    const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/trpc?token=${secret}`);
    await new Promise((resolve) => socket.once('open', resolve));
    let ended = 0;
    const all = new Promise<void>((resolve) =>
      socket.on('message', (frame: Buffer) => {
        if (/"stopped"|"error"/.test(frame.toString()) && ++ended === 3) resolve();
      }),
    );
    for (const [id, input] of [{ prompt: secret }, { prompt: { secret } }].entries()) {
      socket.send(JSON.stringify({ id, method: 'subscription', params: { path: 'generate', input } }));
    }
    socket.send(secret);
    await all;
    socket.close();
  }
  const logged = lines.map((line) => JSON.parse(line) as { msg: string; path?: string; usage?: object });
  expect(logged.filter(({ msg }) => msg === 'a generation ended').map(({ usage }) => usage)).toEqual([
    expect.objectContaining({ completionTokens: 2 }),
    expect.objectContaining({ completionTokens: 2 }),
  ]);
  expect(logged.filter(({ path }) => path === '/v1/chat/completions').length).toBe(4);
  expect(logged.filter(({ path }) => path === '/trpc/cancel').length).toBe(1);
  expect(lines.filter((line) => line.includes(secret))).toEqual([]);
});

test('the log has the request id that Anthropic’s clients show', async () => {
  const lines: string[] = [];
  const logger = pino({ level: 'info' }, { write: (line) => lines.push(line) });
  const clock = createVirtualClock({ auto: true });
  await using engine = await createEngine({ backend: scripted({ clock }), clock });
  const names: (string | null)[] = [];
  {
    await using gateway = await startGateway({ engine, port: 0, logger });
    const messages = [{ role: 'user', content: 'hello' }];
    for (const body of [{ messages, max_tokens: 5 }, { messages }, { messages, max_tokens: 5, stream: true }]) {
      const response = await fetch(`${gateway.url}/v1/messages`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      await response.text();
      names.push(response.headers.get('request-id'));
    }
  }
  const logged = lines.map((line) => JSON.parse(line) as { msg: string; reqId?: string });
  expect(logged.filter(({ msg }) => msg === 'the gateway answered a request').map(({ reqId }) => reqId)).toEqual(names);
  expect(new Set(names).size).toBe(3);
});
