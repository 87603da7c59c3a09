import type {
  DoneEvent,
  ErrorEvent,
  GenerationEvent,
  PrefillEvent,
  SpanEvent,
  TokenEvent,
} from './schema/events/event.ts';

/** A prefill event for tests, with defaults for the fields that a test does not set. */
export const samplePrefill = (fields: Partial<PrefillEvent> = {}): PrefillEvent => ({
  type: 'prefill',
  seq: 0,
  index: 0,
  phase: 'prefill',
  queuePosition: null,
  processed: 0,
  cached: 0,
  total: 10,
  elapsedMs: 1,
  tokensPerSecond: null,
  etaMs: null,
  estimated: false,
  ...fields,
});

/** @see samplePrefill */
export const sampleSpan = (fields: Partial<SpanEvent> = {}): SpanEvent => ({
  type: 'span',
  seq: 1,
  index: 0,
  name: 'contract.pdf',
  number: 1,
  of: 1,
  processed: 0,
  cached: 0,
  total: 8,
  ...fields,
});

/** @see samplePrefill */
export const sampleToken = (fields: Partial<TokenEvent> = {}): TokenEvent => ({
  type: 'token',
  seq: 1,
  index: 0,
  text: 'a',
  count: 1,
  completionTokens: 1,
  tokensPerSecond: 10,
  channel: 'content',
  ...fields,
});

/** @see samplePrefill */
export const sampleDone = (fields: Partial<DoneEvent> = {}): DoneEvent => ({
  type: 'done',
  id: 'g',
  seq: 2,
  index: 0,
  finishReason: 'stop',
  usage: { promptTokens: 10, promptTotal: 10, cachedTokens: 0, completionTokens: 1 },
  timings: {
    queuedMs: 0,
    prefillMs: 10,
    decodeMs: 10,
    timeToFirstTokenMs: 11,
    prefillTokensPerSecond: 1000,
    decodeTokensPerSecond: 100,
  },
  toolCalls: [],
  remaining: 0,
  ...fields,
});

/** @see samplePrefill */
export const sampleError = (fields: Partial<ErrorEvent> = {}): ErrorEvent => ({
  type: 'error',
  id: 'g',
  seq: 2,
  index: 0,
  code: 'internal',
  message: 'it broke',
  retryable: false,
  usage: { promptTokens: 10, promptTotal: 10, cachedTokens: 0, completionTokens: 1 },
  remaining: 0,
  ...fields,
});

export { invariantViolations } from './generation/event-invariants.ts';

/** Reads a stream to its end and returns its items; calls `onEach` with each as it arrives. */
export async function collect<T>(stream: AsyncIterable<T>, onEach?: (one: T) => void): Promise<T[]> {
  const all: T[] = [];
  for await (const one of stream) {
    all.push(one);
    onEach?.(one);
  }
  return all;
}

/** The text of the token events of one choice and channel. */
export function textOf(events: readonly GenerationEvent[], { index = 0, channel = 'content' } = {}): string {
  return events
    .map((event) => (event.type === 'token' && event.index === index && event.channel === channel ? event.text : ''))
    .join('');
}
