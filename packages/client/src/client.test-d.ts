import type { AppRouter } from '@headway/gateway';
import { createTRPCClient, wsLink, type TRPCWebSocketClient } from '@trpc/client';
import { expectTypeOf } from 'vitest';

import {
  createClient,
  type ConnectionState,
  type DoneEvent,
  type ErrorEvent,
  type Generation,
  type GenerationEvent,
  type GenerationInfo,
  type GenerationResult,
  type PrefillEvent,
  type Status,
  type TokenEvent,
} from './index.ts';

const client = createClient({ url: 'http://127.0.0.1:4477' });

const generation = client.generate({ prompt: 'Hello' });
expectTypeOf(generation).toEqualTypeOf<Generation>();
expectTypeOf(generation.result()).resolves.toEqualTypeOf<GenerationResult>();
expectTypeOf(generation.text()).resolves.toBeString();

for await (const event of generation) {
  expectTypeOf(event).toEqualTypeOf<PrefillEvent | TokenEvent | DoneEvent | ErrorEvent>();
}

client.generate.subscribe(
  { prompt: 'Hello' },
  {
    onPrefill: (event) => expectTypeOf(event).toEqualTypeOf<PrefillEvent>(),
    onToken: (event) => expectTypeOf(event).toEqualTypeOf<TokenEvent>(),
    onDone: ({ text, usage }) =>
      expectTypeOf({ text, tokens: usage.completionTokens }).toEqualTypeOf<{ text: string; tokens: number }>(),
    onError: (event) => expectTypeOf(event).toEqualTypeOf<ErrorEvent>(),
    signal: new AbortController().signal,
  },
);

expectTypeOf(client.status()).resolves.toEqualTypeOf<Status>();
expectTypeOf(client.cancel('id')).resolves.toBeBoolean();
expectTypeOf(client.watch('id')).toEqualTypeOf<Generation>();
expectTypeOf(client.generations()).resolves.toEqualTypeOf<GenerationInfo[]>();
expectTypeOf(client.connection.getState()).toEqualTypeOf<ConnectionState>();

// @ts-expect-error a request without prompt or messages
client.generate({ promt: 'Hello' });
// @ts-expect-error a string in place of a request
client.generate('Hello');

// A plain tRPC client, typed by the router alone, gets the same events.
declare const socket: TRPCWebSocketClient;
const trpc = createTRPCClient<AppRouter>({ links: [wsLink({ client: socket })] });
for await (const { id, data } of trpc.generate.subscribe({ prompt: 'Hello' })) {
  expectTypeOf(id).toBeString();
  expectTypeOf(data).toEqualTypeOf<GenerationEvent>();
}
