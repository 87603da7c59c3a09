import { createEngine, createVirtualClock, scripted } from '@headway/engine';
import { startGateway, type AppRouter } from '@headway/gateway';
import type { GenerationEvent } from '@headway/protocol';
import { createTRPCClient, createWSClient, httpLink, splitLink, wsLink } from '@trpc/client';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';

test('a plain tRPC client works without the SDK, typed by the router', async () => {
  const clock = createVirtualClock({ auto: true });
  await using engine = await createEngine({ backend: scripted({ clock, script: { reply: 'one two' } }), clock });
  await using gateway = await startGateway({ engine, port: 0 });
  const socket = createWSClient({
    url: `${gateway.url.replace('http', 'ws')}/trpc`,
    WebSocket: WebSocket as unknown as typeof globalThis.WebSocket,
  });
  const trpc = createTRPCClient<AppRouter>({
    links: [
      splitLink({
        condition: ({ type }) => type === 'subscription',
        true: wsLink({ client: socket }),
        false: httpLink({ url: `${gateway.url}/trpc` }),
      }),
    ],
  });
  try {
    const seen: { id: string; data: GenerationEvent }[] = [];
    for await (const one of trpc.generate.subscribe({ prompt: 'a b c', id: 'mine' })) seen.push(one);
    expect(seen.map(({ id }) => id)).toEqual(seen.map((_, at) => `mine:${at}`));
    expect(seen.flatMap(({ data }) => (data.type === 'token' ? data.text : [])).join('')).toBe('one two');
    expect(seen.at(-1)?.data).toMatchObject({ type: 'done', usage: { promptTokens: 3, completionTokens: 2 } });
    expect(await trpc.models.query()).toMatchObject([{ id: 'scripted', state: 'ready' }]);
    expect(await trpc.cancel.mutate({ id: 'mine' })).toEqual({ cancelled: false });
  } finally {
    await socket.close();
  }
});
