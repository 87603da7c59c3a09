import { describe, expect, test } from 'vitest';

import { invariantViolations } from './event-invariants.ts';
import { sampleDone, samplePrefill, sampleSpan, sampleToken } from '../testing.ts';

const loading = (seq: number, loaded?: number) =>
  samplePrefill({
    ...(seq === 0 && { id: 'g' }),
    seq,
    phase: 'loading',
    processed: null,
    cached: null,
    total: null,
    loaded,
  });
const rest = (seq: number) => [
  samplePrefill({ seq }),
  samplePrefill({ seq: seq + 1, processed: 10 }),
  sampleToken({ seq: seq + 2 }),
  sampleDone({ seq: seq + 3 }),
];

test('the share of the model that is loaded may rise, stand still and be unknown', () => {
  expect(
    invariantViolations([loading(0), loading(1, 0), loading(2, 0.4), loading(3), loading(4, 0.4), ...rest(5)]),
  ).toEqual([]);
});

test('the share of the model that is loaded never decreases', () => {
  expect(invariantViolations([loading(0, 0.4), loading(1), loading(2, 0.3), ...rest(3)])).toEqual([
    'event 2: the loaded share never decreases',
  ]);
});

test('no other phase has a share that is loaded', () => {
  const [, ...others] = rest(1);
  expect(invariantViolations([loading(0, 1), samplePrefill({ seq: 1, loaded: 1 }), ...others])).toEqual([
    'event 1: a loaded share in loading only',
  ]);
});

describe('the spans of a request', () => {
  const [one, two] = [
    { number: 1, of: 2 },
    { number: 2, of: 2, total: 0 },
  ];
  const spanned = (...spans: ReturnType<typeof sampleSpan>[]) =>
    [
      samplePrefill({ id: 'g' }),
      ...spans,
      samplePrefill({ processed: 10 }),
      sampleToken({ text: 'a' }),
      sampleDone(),
    ].map((event, seq) => ({ ...event, seq }));

  test('are told to their ends, in any steps', () => {
    const events = spanned(
      sampleSpan(one),
      sampleSpan(two),
      sampleSpan({ ...one, processed: 3 }),
      sampleSpan({ ...one, processed: 8 }),
    );
    expect(invariantViolations(events)).toEqual([]);
  });

  test.each<[string, ReturnType<typeof sampleSpan>[]]>([
    ['event 3: spans are read before the first token', [sampleSpan({ processed: 7 })]],
    ['event 3: each span has an event', [sampleSpan(two)]],
    ['event 2: processed of a span never decreases', [sampleSpan({ processed: 8 }), sampleSpan({ processed: 7 })]],
    ['event 1: span: 3 ≤ 2 ≤ 8', [sampleSpan({ cached: 3, processed: 2 })]],
    ['event 1: span: 0 ≤ 9 ≤ 8', [sampleSpan({ processed: 9 })]],
    ['event 2: name, cached and total of a span stay', [sampleSpan(), sampleSpan({ name: 'b' })]],
    ['event 1: a span has no more tokens than the prompt', [sampleSpan({ processed: 11, total: 11 })]],
    ['event 1: span 2 of 1, which stays', [sampleSpan({ number: 2 })]],
  ])('break the rule: %s', (rule, spans) => {
    expect(invariantViolations(spanned(...spans))[0]).toBe(rule);
  });

  test('come after the prefill has begun and before the first token', () => {
    const [first, ...others] = rest(0);
    const early = [{ ...samplePrefill({ id: 'g', phase: 'queued' }), queuePosition: 1 }, sampleSpan({ processed: 8 })];
    const late = [first, ...others.slice(0, 2), sampleSpan({ processed: 8 }), ...others.slice(2)];
    const renumbered = (events: (typeof early | typeof late)[number][]) =>
      events.flatMap((event, seq) => (event ? [{ ...event, ...(seq === 0 && { id: 'g' }), seq }] : []));
    expect(invariantViolations(renumbered([...early, first, ...others]))).toEqual([
      'event 1: spans come after the first event of the phase prefill',
    ]);
    expect(invariantViolations(renumbered(late))).toEqual(['event 3: no span after the first token']);
  });
});

test('the prompt is read on when choice 0 was cancelled, and no token of it follows', () => {
  const cancelled = {
    finishReason: 'cancelled',
    usage: { promptTokens: 0, cachedTokens: 0, completionTokens: 0 },
  } as const;
  const events = [
    samplePrefill({ id: 'g' }),
    sampleDone({ seq: 1, ...cancelled, remaining: 1 }),
    samplePrefill({ seq: 2, processed: 10 }),
    sampleToken({ seq: 3, index: 1 }),
    sampleDone({ seq: 4, index: 1 }),
  ];
  expect(invariantViolations(events)).toEqual([]);
  const late = events.with(3, sampleToken({ seq: 3, index: 0 }));
  expect(invariantViolations(late)).toContain('event 3: choice 0 has ended');
});
