import type { AppRouter } from '@headway/gateway';
import { createTRPCClient, wsLink, type TRPCWebSocketClient } from '@trpc/client';
import { expectTypeOf } from 'vitest';

import {
  createClient,
  type AnswerSummary,
  type ConnectionState,
  type DoneEvent,
  type ErrorEvent,
  type GenerateOptions,
  type Generation,
  type GenerationEvent,
  type GenerationInfo,
  type GenerationResult,
  type PrefillEvent,
  type SpanEvent,
  type Status,
  type SummaryEvent,
  type TokenEvent,
} from './index.ts';

const client = createClient({ url: 'http://127.0.0.1:4477' });

const generation = client.generate({ prompt: 'Hello' });
expectTypeOf(generation).toEqualTypeOf<Generation>();
expectTypeOf(generation.result()).resolves.toEqualTypeOf<GenerationResult>();
expectTypeOf(generation.text()).resolves.toBeString();

for await (const event of generation) {
  expectTypeOf(event).toEqualTypeOf<PrefillEvent | SpanEvent | TokenEvent | DoneEvent | ErrorEvent>();
}

// The option `summary`, and it alone, widens what the loop yields.
const summarised = client.generate({ prompt: 'Hello', choices: 4 }, { summary: true });
expectTypeOf(summarised).toEqualTypeOf<Generation<GenerationEvent | SummaryEvent>>();
for await (const event of client.generate({ prompt: 'Hello' }, { summary: { everyMs: 500 } })) {
  expectTypeOf(event).toEqualTypeOf<GenerationEvent | SummaryEvent>();
  if (event.type === 'summary') expectTypeOf(event.answers).toEqualTypeOf<AnswerSummary[]>();
}
expectTypeOf(client.generate({ prompt: 'Hello' }, { summary: false })).toEqualTypeOf<Generation>();
expectTypeOf(
  client.generate({ prompt: 'Hello' }, { progress: ({ phase }) => expectTypeOf(phase).toBeString() }),
).toEqualTypeOf<Generation>();
declare const maybe: boolean;
expectTypeOf(client.generate({ prompt: 'Hello' }, { summary: maybe })).toEqualTypeOf(summarised);
declare const options: GenerateOptions;
expectTypeOf(client.generate({ prompt: 'Hello' }, options)).toEqualTypeOf(summarised);
expectTypeOf(client.watch('id', { summary: true })).toEqualTypeOf(summarised);
// @ts-expect-error misspelt
client.generate({ prompt: 'Hello' }, { summary: { everyMS: 500 } });

client.generate.subscribe(
  { prompt: 'Hello' },
  {
    onPrefill: (event) => expectTypeOf(event).toEqualTypeOf<PrefillEvent>(),
    onToken: (event) => expectTypeOf(event).toEqualTypeOf<TokenEvent>(),
    onDone: ({ text, usage }) =>
      expectTypeOf({ text, tokens: usage.completionTokens }).toEqualTypeOf<{ text: string; tokens: number }>(),
    onSummary: ({ answers, tokensPerSecond }) =>
      expectTypeOf({ answers, tokensPerSecond }).toEqualTypeOf<Pick<SummaryEvent, 'answers' | 'tokensPerSecond'>>(),
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
