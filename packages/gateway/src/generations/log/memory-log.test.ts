import { endsStream, mergeEvents, type GenerationEvent, type TokenEvent } from '@headway/protocol';
import { invariantViolations, sampleDone, samplePrefill, sampleSpan, sampleToken } from '@headway/protocol/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { MemoryLog } from './memory-log.ts';

const plenty = { maxBytes: 1024 * 1024 };

function logOf(events: readonly GenerationEvent[], options = plenty): MemoryLog {
  const log = new MemoryLog(options);
  for (const event of events) log.append(event);
  return log;
}

/** All events that a viewer gets after `after`. */
function readAfter(log: MemoryLog, after: number): GenerationEvent[] {
  const events: GenerationEvent[] = [];
  for (let at = after; ;) {
    const event = log.next(at);
    if (!event) return events;
    expect(event.seq).toBeGreaterThan(at);
    events.push(event);
    at = event.seq;
  }
}

/** The texts of each choice's channels, what they count, and their log-probabilities. */
function written(events: readonly GenerationEvent[]) {
  const runs = new Map<string, { text: string; count: number; logprobs: unknown[] }>();
  for (const event of events) {
    if (event.type !== 'token') continue;
    const name = `${event.index} ${event.channel} ${event.toolCall?.index ?? ''}`;
    const run = runs.get(name) ?? { text: '', count: 0, logprobs: [] };
    run.text += event.text;
    run.count += event.count;
    run.logprobs.push(...(event.logprobs ?? []));
    runs.set(name, run);
  }
  return runs;
}

interface Shape {
  choices: number;
  spans: number;
  tokens: { index: number; channel: TokenEvent['channel']; call: number; text: string; logprob: boolean }[];
}

const shapes: fc.Arbitrary<Shape> = fc.integer({ min: 1, max: 4 }).chain((choices) =>
  fc.record({
    choices: fc.constant(choices),
    spans: fc.nat(3),
    tokens: fc.array(
      fc.record({
        index: fc.integer({ min: 0, max: choices - 1 }),
        channel: fc.constantFrom('content' as const, 'content' as const, 'reasoning' as const, 'tool-call' as const),
        call: fc.integer({ min: 0, max: 1 }),
        text: fc.oneof(fc.string({ unit: 'grapheme', maxLength: 6 }), fc.constant('x'.repeat(20_000))),
        logprob: fc.boolean(),
      }),
      { maxLength: 600 },
    ),
  }),
);

/** A stream as an engine writes it: prefill and span events, tokens of all choices in any order, and an end for each choice. */
function streamOf({ choices, spans, tokens }: Shape): GenerationEvent[] {
  let seq = 0;
  const events: GenerationEvent[] = [
    samplePrefill({ id: 'g', seq: seq++, phase: 'queued', queuePosition: 1 }),
    samplePrefill({ seq: seq++ }),
  ];
  const tellSpans = (processed: number) => {
    for (let number = 1; number <= spans; number++)
      events.push(sampleSpan({ seq: seq++, number, of: spans, processed }));
  };
  for (const processed of [0, 4]) tellSpans(processed);
  events.push(samplePrefill({ seq: seq++, processed: 5 }));
  tellSpans(8);
  events.push(samplePrefill({ seq: seq++, processed: 10 }));
  const so = Array.from({ length: choices }, () => 0);
  for (const { index, channel, call, text, logprob } of tokens) {
    const completionTokens = (so[index] = (so[index] ?? 0) + 1);
    events.push(
      sampleToken({
        seq: seq++,
        index,
        channel,
        text,
        completionTokens,
        tokensPerSecond: 1 / completionTokens,
        ...(channel === 'tool-call' && { toolCall: { index: call, id: `call-${call}`, name: 'look' } }),
        ...(logprob && { logprobs: [{ token: text, bytes: [1], logprob: -seq, top: [] }] }),
      }),
    );
  }
  for (const [index, completionTokens] of so.entries()) {
    const usage = { promptTokens: 10, promptTotal: 10, cachedTokens: 0, completionTokens };
    events.push(sampleDone({ seq: seq++, index, usage, remaining: choices - 1 - index }));
  }
  return events;
}

describe('MemoryLog', () => {
  test('gives a viewer that starts after any event the rest byte for byte, within the invariants', () => {
    fc.assert(
      fc.property(shapes, fc.nat(), (shape, cut) => {
        const events = streamOf(shape);
        const log = logOf(events);
        const whole = readAfter(log, -1);
        expect(invariantViolations(whole, { merged: true })).toEqual([]);
        expect(written(whole)).toEqual(written(events));
        expect(whole.at(-1)).toBe(events.at(-1));

        const after = cut % events.length;
        const rest = readAfter(log, after);
        expect(written(rest)).toEqual(written(events.slice(after + 1)));
      }),
    );
  });

  test('continues a stream that was cut after any number of merged events', () => {
    fc.assert(
      fc.property(shapes, fc.array(fc.nat({ max: 5 })), (shape, cuts) => {
        const events = streamOf(shape);
        const log = new MemoryLog(plenty);
        const seen: GenerationEvent[] = [];
        let appended = 0;
        const read = (most: number) => {
          for (let at = 0; at < most; at++) {
            const event = log.next(seen.at(-1)?.seq ?? -1);
            if (event) seen.push(event);
          }
        };
        // Appends and reads alternate, so that reads end anywhere within a run.
        for (const cut of cuts) {
          for (const event of events.slice(appended, (appended += cut * 7))) log.append(event);
          read(cut);
        }
        for (const event of events.slice(appended)) log.append(event);
        read(events.length);
        expect(invariantViolations(seen, { merged: true })).toEqual([]);
        expect(written(seen)).toEqual(written(events));
      }),
    );
  });

  test('merges a run of one choice as the protocol does', () => {
    const tokens = Array.from({ length: 500 }, (_, at) =>
      sampleToken({ seq: at, text: `${at} `, completionTokens: at + 1, tokensPerSecond: at / 3 }),
    );
    expect(readAfter(logOf(tokens), -1)).toEqual(mergeEvents(tokens));
    expect(readAfter(logOf(tokens), 299)).toEqual(mergeEvents(tokens.slice(300)));
  });

  test('gives a viewer that keeps up the original events', () => {
    const log = new MemoryLog(plenty);
    for (const event of streamOf({ choices: 1, spans: 2, tokens: [] })) {
      log.append(event);
      expect(log.next(event.seq - 1)).toBe(event);
      expect(log.next(event.seq)).toBeNull();
    }
  });

  test("does not merge tokens across another choice's end", () => {
    const usage = { promptTokens: 10, promptTotal: 10, cachedTokens: 0, completionTokens: 0 };
    const events = [
      samplePrefill({ id: 'g', seq: 0, processed: 10 }),
      sampleToken({ seq: 1 }),
      sampleDone({ seq: 2, index: 1, usage, remaining: 1 }),
      sampleToken({ seq: 3, completionTokens: 2 }),
    ];
    expect(readAfter(logOf(events), -1)).toEqual(events);
  });
});

test('MemoryLog gives the first and the latest prefill event', () => {
  const [queued, begun, half, whole] = [
    samplePrefill({ id: 'g', seq: 0, phase: 'queued', queuePosition: 1 }),
    samplePrefill({ seq: 1 }),
    samplePrefill({ seq: 2, processed: 5 }),
    samplePrefill({ seq: 3, processed: 10 }),
  ];
  const log = logOf([queued, begun, half]);
  expect(readAfter(log, -1)).toEqual([queued, half]);
  log.append(whole);
  expect(readAfter(log, 2)).toEqual([whole]);
  expect(readAfter(log, -1)).toEqual([queued, whole]);
});

test('MemoryLog gives the latest event of each span', () => {
  const [begun, first, second, more, half, whole] = [
    samplePrefill({ id: 'g', seq: 0 }),
    sampleSpan({ seq: 1, of: 2 }),
    sampleSpan({ seq: 2, number: 2, of: 2, total: 0 }),
    sampleSpan({ seq: 3, of: 2, processed: 5 }),
    samplePrefill({ seq: 4, processed: 5 }),
    sampleSpan({ seq: 5, of: 2, processed: 8 }),
  ];
  const log = logOf([begun, first, second, more, half]);
  expect(readAfter(log, -1)).toEqual([begun, second, more, half]);
  expect(readAfter(log, 2)).toEqual([more, half]);
  log.append(whole);
  expect(readAfter(log, -1)).toEqual([begun, second, half, whole]);
  expect(readAfter(log, 4)).toEqual([whole]);
  log.append(sampleToken({ seq: 6 }));
  expect(readAfter(log, 2)).toEqual([half, whole, sampleToken({ seq: 6 })]);
});

describe('MemoryLog bounds', () => {
  const words = (count: number, text: string) =>
    Array.from({ length: count }, (_, at) => sampleToken({ seq: at + 1, text, completionTokens: at + 1 }));

  test('a merged event to 32 Ki characters, unless one token has more', () => {
    const events = readAfter(logOf(words(2000, 'x'.repeat(100)), { maxBytes: 10 ** 9 }), -1);
    for (const { text } of events as TokenEvent[]) expect(text.length).toBeLessThanOrEqual(32_768);
    expect(events.length).toBe(Math.ceil(200_000 / 32_700));
    const long = logOf([sampleToken({ seq: 0, text: 'y'.repeat(100_000) }), ...words(1, 'z')]);
    expect(readAfter(long, -1).map((event) => event.type === 'token' && event.text.length)).toEqual([100_000, 1]);
  });

  test('log-probabilities by their size in a message', () => {
    const top = Array.from({ length: 20 }, (_, at) => ({ token: `t${at}`, bytes: [1], logprob: -at }));
    const logprobs = [{ token: 'x', bytes: [1], logprob: -1, top }];
    const events = words(1000, 'x').map((event) => ({ ...event, logprobs }));
    const read = readAfter(logOf(events, { maxBytes: 10 ** 9 }), -1);
    expect(written(read).get('0 content ')?.logprobs).toHaveLength(1000);
    for (const event of read) expect(JSON.stringify(event).length).toBeLessThan(64 * 1024);
  });

  test('its bytes: it drops the oldest tokens, and refuses only viewers that still need them', () => {
    const maxBytes = 100_000;
    const log = logOf([samplePrefill({ id: 'g', seq: 0, processed: 10 }), ...words(10_000, 'word ')], { maxBytes });
    expect(log.bytes).toBeLessThanOrEqual(maxBytes);
    expect(log.bytes).toBeGreaterThan(maxBytes / 2);
    expect(() => readAfter(log, -1)).toThrow(expect.objectContaining({ code: 'generation-not-found' }));
    expect(() => readAfter(log, 5000)).toThrow(/100000 bytes/);
    expect(written(readAfter(log, 9000)).get('0 content ')?.count).toBe(1000);
  });

  test('the memory of tokens to a fraction of that of their events, and of full blocks to what they hold', () => {
    const bytes = (tokens: number) => logOf(words(tokens, 'word ')).bytes;
    expect(bytes(127)).toBe(127 * 58);
    const block = bytes(128);
    expect(block).toBeLessThan((128 * 58) / 2);
    expect(bytes(10_000)).toBe(78 * block + 16 * 58);
  });

  test('the memory of full blocks by their runs, and by numbers that do not pack', () => {
    const events = words(128, 'word ');
    const steady = logOf(events).bytes;
    const uneven = logOf(events.map((event, at) => ({ ...event, tokensPerSecond: Math.sqrt(at) })));
    expect(uneven.bytes).toBe(steady - 16 + 128 * 8);
    const twoRuns = logOf(events.map((event, at) => ({ ...event, index: at < 64 ? 0 : 1 })));
    expect(twoRuns.bytes).toBe(steady + 100);
  });
});

test('MemoryLog calls a listener for each event until it is removed', () => {
  const log = new MemoryLog(plenty);
  let calls = 0;
  const remove = log.onAppend(() => calls++);
  const events = streamOf({ choices: 1, spans: 0, tokens: [] });
  for (const event of events) log.append(event);
  expect(calls).toBe(events.length);
  expect(events.filter(endsStream)).toHaveLength(1);
  remove();
  log.append(sampleToken({ seq: 99 }));
  expect(calls).toBe(events.length);
});

test('MemoryLog gives the end of a choice that was cancelled while the prompt was read', () => {
  const [early, queued, later, dropped, whole, token, end] = [
    sampleDone({ seq: 0, index: 2, finishReason: 'cancelled', remaining: 2 }),
    samplePrefill({ seq: 1, phase: 'queued', queuePosition: 1 }),
    samplePrefill({ seq: 2 }),
    sampleDone({ seq: 3, index: 0, finishReason: 'cancelled', remaining: 1 }),
    samplePrefill({ seq: 4, processed: 10 }),
    sampleToken({ seq: 5, index: 1 }),
    sampleDone({ seq: 6, index: 1 }),
  ];
  const log = logOf([early, queued, later, dropped, whole, token, end]);
  expect(readAfter(log, -1)).toEqual([early, queued, dropped, whole, token, end]);
  expect(readAfter(log, 2)).toEqual([dropped, whole, token, end]);
});
