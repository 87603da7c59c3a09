import { expect, test } from 'vitest';

import { SpanNews } from './span-news.ts';
import { spanReadings } from './span-readings.ts';

const spans = [
  { name: 'a.txt', from: 10, to: 30 },
  { name: 'b.txt', from: 30, to: 90 },
];
const reading = (processed: number, cached = 0) =>
  spanReadings(spans, { processed, cached, total: 100 }).map(({ processed, cached, total }) => [
    processed,
    cached,
    total,
  ]);

test("a span's tokens are those of the prompt that lie in it", () => {
  expect(reading(0)).toEqual([
    [0, 0, 20],
    [0, 0, 60],
  ]);
  expect(reading(40, 15)).toEqual([
    [20, 5, 20],
    [10, 0, 60],
  ]);
  expect(reading(100, 95)).toEqual([
    [20, 20, 20],
    [60, 60, 60],
  ]);
});

test('spans keep their share of a prompt that a server counts otherwise', () => {
  const estimated = spans.map((span) => ({ ...span, estimated: true }));
  expect(spanReadings(estimated, { processed: 400, cached: 0, total: 1000 }, 100)).toEqual([
    { name: 'a.txt', number: 1, of: 2, processed: 200, cached: 0, total: 200, estimated: true },
    { name: 'b.txt', number: 2, of: 2, processed: 100, cached: 0, total: 600, estimated: true },
  ]);
  const few = spanReadings(estimated, { processed: 2, cached: 0, total: 2 }, 100);
  expect(few).toMatchObject([
    { processed: 1, total: 1 },
    { processed: 1, total: 1 },
  ]);
});

const span = (processed: number, rest: object = {}) => ({
  name: 'a',
  number: 1,
  of: 1,
  processed,
  cached: 0,
  total: 20,
  ...rest,
});

test('only what has changed is news', () => {
  const news = new SpanNews();
  expect(news.begun).toBe(false);
  expect(news.of([span(0)])).toEqual([span(0)]);
  expect(news.of([span(0)])).toEqual([]);
  expect(news.of([span(5)])).toEqual([span(5)]);
  expect(news.begun).toBe(true);
});

test('a span is never read back, and its totals stay', () => {
  const news = new SpanNews();
  news.of([span(10, { cached: 4 })]);
  expect(news.of([span(3)])).toEqual([]);
  expect(news.of([span(30, { total: 40, name: 'b' })])).toEqual([span(15, { cached: 4 })]);
  expect(news.ends()).toEqual([span(20, { cached: 4 })]);
  expect(news.ends()).toEqual([]);
});

test('numbers out of bounds are brought into them', () => {
  expect(new SpanNews().of([span(25, { cached: 30 })])).toEqual([span(20, { cached: 20 })]);
  expect(new SpanNews().of([span(1, { cached: 3 })])).toEqual([span(3, { cached: 3 })]);
});
