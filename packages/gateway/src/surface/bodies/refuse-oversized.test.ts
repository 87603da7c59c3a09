import { expect, test } from 'vitest';

import { refuseOversized } from './refuse-oversized.ts';

const empty = (count: number) => Array.from({ length: count }, () => ({}));

test.each<[string, unknown, RegExp]>([
  ['messages', { messages: empty(4097) }, /^messages has 4097 entries; send 4096 at most$/],
  ['parts', { messages: [{ content: empty(5000) }] }, /^messages\[0\]\.content has 5000 entries/],
  ['numbers instead of parts', { messages: [{ content: Array.from({ length: 5000 }, () => 0) }] }, /has 5000 entries/],
  ['short lists', { messages: empty(30).map(() => ({ content: empty(4000) })) }, /100000 values/],
  ['entries of an unknown field', { x: empty(100_001) }, /100000 values/],
  [
    'fields named __proto__ below any name',
    JSON.parse('{"a[\\"\\\\q\\"]":{"my-key":{"__proto__":1}}}'),
    /\["my-key"\]\.__proto__: the name/,
  ],
  ['fields named __proto__', JSON.parse('{"a":[{"__proto__":{}}]}'), /^a\[0\]\.__proto__: the name "__proto__"/],
])('a body with too many %s is refused', (_what, body, why) => {
  expect(() => refuseOversized(body)).toThrow(why);
});

test.each<[string, unknown]>([
  ['a long conversation', { messages: Array.from({ length: 4096 }, () => ({ role: 'user', content: 'Hi' })) }],
  ['a prompt of tokens', { prompt: Array.from({ length: 1_000_000 }, () => 7) }],
  ['no object', 5],
  ['names that objects inherit', { constructor: { toString: null } }],
])('%s passes', (_what, body) => expect(() => refuseOversized(body)).not.toThrow());

test('refuseOversized reads 90,000 nested lists in 0.2 s of CPU time', () => {
  const body: unknown = JSON.parse(`{"a":${'['.repeat(90_000)}${']'.repeat(90_000)}}`);
  const before = process.cpuUsage();
  expect(() => refuseOversized(body)).not.toThrow();
  expect(process.cpuUsage(before).user).toBeLessThan(200_000);
});

test('refuseOversized refuses 4 MiB of empty objects in 0.2 s of CPU time', () => {
  const body = { messages: Array(1_398_101).fill({}) };
  const before = process.cpuUsage();
  expect(() => refuseOversized(body)).toThrow(/^messages has 1398101 entries/);
  // In µs of CPU time, which does not depend on the machine's load.
  expect(process.cpuUsage(before).user).toBeLessThan(200_000);
});
