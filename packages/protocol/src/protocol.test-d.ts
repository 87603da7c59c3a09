import { expectTypeOf } from 'vitest';
import type { z } from 'zod';

import type { ErrorCode } from './errors/error-code.ts';
import type {
  DoneEvent,
  ErrorEvent,
  generationEvent,
  GenerationEvent,
  PrefillEvent,
  SpanEvent,
  TokenEvent,
} from './schema/events/event.ts';
import type { GenerateInput, GenerateRequest } from './schema/requests/generate-request.ts';
import type { Generation } from './generation/generation.ts';
import { HeadwayError, isHeadwayError } from './errors/headway-error.ts';
import type { SummaryEvent } from './summary/summary-event.ts';
import { withSummaries } from './summary/summarised-generation.ts';
import { endsStream, isTerminal } from './generation/terminal-event.ts';

declare const event: GenerationEvent;

// The schema infers the type.
expectTypeOf<z.output<typeof generationEvent>>().toEqualTypeOf<GenerationEvent>();
expectTypeOf<GenerationEvent>().toEqualTypeOf<PrefillEvent | SpanEvent | TokenEvent | DoneEvent | ErrorEvent>();
expectTypeOf<GenerationEvent['type']>().toEqualTypeOf<'prefill' | 'span' | 'token' | 'done' | 'error'>();

// A switch over the event types is exhaustive and narrows.
switch (event.type) {
  case 'prefill':
    expectTypeOf(event).toEqualTypeOf<PrefillEvent>();
    expectTypeOf(event.phase).toEqualTypeOf<'queued' | 'loading' | 'prefill'>();
    expectTypeOf(event.total).toEqualTypeOf<number | null>();
    break;
  case 'span':
    expectTypeOf(event).toEqualTypeOf<SpanEvent>();
    break;
  case 'token':
    expectTypeOf(event.channel).toEqualTypeOf<'content' | 'reasoning' | 'tool-call'>();
    break;
  case 'done':
    expectTypeOf(event.finishReason).toEqualTypeOf<'stop' | 'length' | 'tool-calls' | 'cancelled'>();
    expectTypeOf(event.id).toEqualTypeOf<string>();
    break;
  case 'error':
    expectTypeOf(event.code).toEqualTypeOf<ErrorCode>();
    break;
  default:
    event satisfies never;
}

// A switch that lacks a type is not exhaustive.
switch (event.type) {
  case 'prefill':
  case 'span':
  case 'token':
  case 'done':
    break;
  default:
    // @ts-expect-error the switch lacks 'error'
    event satisfies never;
}

if (isTerminal(event)) expectTypeOf(event).toEqualTypeOf<DoneEvent | ErrorEvent>();
if (endsStream(event)) expectTypeOf(event).toEqualTypeOf<DoneEvent | ErrorEvent>();

// Callers may leave out fields with defaults; the engine gets them filled in.
expectTypeOf<{ prompt: string }>().toExtend<GenerateInput>();
expectTypeOf<GenerateInput['stop']>().toEqualTypeOf<string | string[] | undefined>();
expectTypeOf<GenerateRequest['stop']>().toEqualTypeOf<string[]>();
expectTypeOf<GenerateInput['temperature']>().toEqualTypeOf<number | undefined>();
expectTypeOf<GenerateRequest['temperature']>().toEqualTypeOf<number>();
// @ts-expect-error misspelt
({ prompt: 'x', temprature: 1 }) satisfies GenerateInput;
// @ts-expect-error image parts are not supported
({ messages: [{ role: 'user', content: [{ type: 'image_url', image_url: 'x' }] }] }) satisfies GenerateInput;

// A generation can be read with `for await` and disposed with `await using`.
expectTypeOf<Generation>().toExtend<AsyncIterable<GenerationEvent> & AsyncDisposable>();

// Summaries are the reader's: they widen what a generation yields, never what crosses the wire.
declare const generation: Generation;
const summarised = withSummaries(generation, { choices: 4, maxTokens: 100, everyMs: 500 });
expectTypeOf(summarised).toEqualTypeOf<Generation<GenerationEvent | SummaryEvent>>();
expectTypeOf<Generation>().toExtend<typeof summarised>();
expectTypeOf<typeof summarised>().not.toExtend<Generation>();
expectTypeOf<SummaryEvent>().not.toExtend<GenerationEvent>();
expectTypeOf<SummaryEvent['answers'][number]['state']>().toEqualTypeOf<
  'queued' | 'loading' | 'prefill' | 'decode' | 'done' | 'error'
>();

// @ts-expect-error the set of codes is closed
new HeadwayError('no-such-code', 'message');
declare const thrown: unknown;
if (isHeadwayError(thrown)) expectTypeOf(thrown.code).toEqualTypeOf<ErrorCode>();
