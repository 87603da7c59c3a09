import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import type { GenerationEvent, TokenEvent } from '../schema/events/event.ts';
import { mergeEvents } from './merge-events.ts';
import { sampleDone, sampleError, samplePrefill, sampleSpan, sampleToken } from '../testing.ts';

describe('mergeEvents', () => {
  test('keeps the latest prefill event with the id and leftOut of the first', () => {
    const merged = mergeEvents([
      samplePrefill({ seq: 0, id: 'g', processed: 0 }),
      samplePrefill({ seq: 1, processed: 4, leftOut: ['tools[0].parameters.not'] }),
      samplePrefill({ seq: 2, processed: 10 }),
    ]);
    expect(merged).toEqual([samplePrefill({ seq: 2, id: 'g', processed: 10, leftOut: ['tools[0].parameters.not'] })]);
  });

  test('keeps the share of the model that is loaded, and drops it with the phase', () => {
    const loading = { phase: 'loading', processed: null, cached: null, total: null } as const;
    const [first, second] = [
      samplePrefill({ id: 'g', ...loading, loaded: 0 }),
      samplePrefill({ seq: 1, ...loading, loaded: 0.4 }),
    ];
    expect(mergeEvents([first, second])).toEqual([{ ...second, id: 'g' }]);
    expect(mergeEvents([first, second, samplePrefill({ seq: 2 })])).toEqual([samplePrefill({ seq: 2, id: 'g' })]);
  });

  test('keeps the latest event of each span, and the first event for its id', () => {
    const second = { number: 2, of: 2 };
    const merged = mergeEvents([
      samplePrefill({ seq: 0, id: 'g' }),
      sampleSpan({ seq: 1, of: 2 }),
      sampleSpan({ seq: 2, ...second }),
      sampleSpan({ seq: 3, of: 2, processed: 4 }),
      samplePrefill({ seq: 4, processed: 4 }),
      sampleSpan({ seq: 5, of: 2, processed: 8 }),
      sampleSpan({ seq: 6, ...second, processed: 1 }),
      samplePrefill({ seq: 7, processed: 9 }),
      sampleToken({ seq: 8 }),
    ]);
    expect(merged).toEqual([
      samplePrefill({ seq: 0, id: 'g' }),
      sampleSpan({ seq: 5, of: 2, processed: 8 }),
      sampleSpan({ seq: 6, ...second, processed: 1 }),
      samplePrefill({ seq: 7, processed: 9 }),
      sampleToken({ seq: 8 }),
    ]);
    expect(mergeEvents(merged)).toEqual(merged);
  });

  test('joins the tokens of one choice and channel and keeps the last seq, sums and rates', () => {
    const logprob = (token: string) => ({ token, bytes: [97], logprob: -1, top: [] });
    const merged = mergeEvents([
      sampleToken({ seq: 1, text: 'a', completionTokens: 1, tokensPerSecond: 10, logprobs: [logprob('a')] }),
      sampleToken({
        seq: 2,
        text: 'bc',
        count: 2,
        completionTokens: 3,
        tokensPerSecond: 20,
        logprobs: [logprob('b'), logprob('c')],
      }),
    ]);
    expect(merged).toEqual([
      sampleToken({
        seq: 2,
        text: 'abc',
        count: 3,
        completionTokens: 3,
        tokensPerSecond: 20,
        logprobs: [logprob('a'), logprob('b'), logprob('c')],
      }),
    ]);
  });

  test('never joins channels or tool calls', () => {
    const call = (index: number) => ({ index, id: `call${index}`, name: 'look' });
    const events = [
      sampleToken({ seq: 1, channel: 'reasoning' }),
      sampleToken({ seq: 2, channel: 'content' }),
      sampleToken({ seq: 3, channel: 'tool-call', toolCall: call(0) }),
      sampleToken({ seq: 4, channel: 'tool-call', toolCall: call(1) }),
      sampleToken({ seq: 5, channel: 'reasoning' }),
    ];
    expect(mergeEvents(events)).toEqual(events);
  });

  test('joins a choice’s tokens across another choice’s tokens, and never joins two choices', () => {
    const merged = mergeEvents([
      sampleToken({ seq: 1, index: 0, text: 'a' }),
      sampleToken({ seq: 2, index: 1, text: 'x' }),
      sampleToken({ seq: 3, index: 0, text: 'b' }),
      sampleToken({ seq: 4, index: 1, text: 'y' }),
    ]);
    expect(merged).toEqual([
      sampleToken({ seq: 3, index: 0, text: 'ab', count: 2 }),
      sampleToken({ seq: 4, index: 1, text: 'xy', count: 2 }),
    ]);
  });

  test('leaves terminal events unchanged', () => {
    const events = [sampleToken({ seq: 1 }), sampleDone({ seq: 2, remaining: 1 }), sampleError({ seq: 3, index: 1 })];
    expect(mergeEvents(events)).toEqual(events);
  });

  test('keeps the text of each choice and channel and ascending seq, for any events', () => {
    const anyToken = fc.record({
      index: fc.nat(2),
      channel: fc.constantFrom('content' as const, 'reasoning' as const),
      text: fc.string({ maxLength: 3 }),
      count: fc.nat(2),
    });
    const read = (events: readonly GenerationEvent[], index: number) => {
      const tokens = events.filter((event): event is TokenEvent => event.type === 'token' && event.index === index);
      return {
        content: tokens.map(({ channel, text }) => (channel === 'content' ? text : '')).join(''),
        reasoning: tokens.map(({ channel, text }) => (channel === 'reasoning' ? text : '')).join(''),
        count: tokens.reduce((sum, { count }) => sum + count, 0),
        completionTokens: tokens.at(-1)?.completionTokens ?? 0,
      };
    };
    fc.assert(
      fc.property(fc.array(anyToken, { maxLength: 60 }), (fields) => {
        const written = [0, 0, 0];
        const events = fields.map(({ index, count, ...rest }, seq) => {
          const completionTokens = (written[index] = (written[index] ?? 0) + count);
          return sampleToken({ ...rest, index, count, seq, completionTokens });
        });
        const merged = mergeEvents(events);
        for (const index of [0, 1, 2]) expect(read(merged, index)).toEqual(read(events, index));
        const seqs = merged.map(({ seq }) => seq);
        expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => a - b));
        // A second merge changes nothing.
        expect(mergeEvents(merged)).toEqual(merged);
      }),
    );
  });
});
