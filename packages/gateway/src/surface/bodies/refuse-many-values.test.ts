import { maxBodyBytes } from '@headway/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { refuseManyValues } from './refuse-many-values.ts';
import { refuseOversized } from './refuse-oversized.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const many = (value: string, count = 100_001) => `[${Array(count).fill(value).join(',')}]`;

test.each([
  ['objects', `{"messages":${many('{}')}}`],
  ['lists in lists', '['.repeat(200_000)],
  ['texts', `{"stop":${many('"\\""')}}`],
  ['names', `{${Array(100_001).fill('"a":1').join(',')}}`],
])('too many %s are refused before they are parsed', (_what, json) => {
  expect(() => refuseManyValues(bytes(json))).toThrow('the body has more than 100000 values; send fewer');
});

test.each([
  ['a long text that looks like JSON values', JSON.stringify({ prompt: '{"a":[1,\\"b\\"]}'.repeat(100_000) })],
  ['a prompt of token ids', `{"prompt":${many('7', 1_000_000)}}`],
  ['as many values as are allowed', many('{}', 100_000)],
])('%s passes', (_what, json) => {
  expect(() => refuseManyValues(bytes(json))).not.toThrow();
});

/** Enough values for the check to run. */
const filler = 'x'.repeat(200_000);

test('refuseManyValues refuses no body that refuseOversized accepts', () => {
  fc.assert(
    fc.property(fc.json(), fc.integer({ min: 1, max: 30_000 }), (value, count) => {
      const json = `{"filler":"${filler}","values":${many(value, count)}}`;
      if (json.length > maxBodyBytes) return;
      try {
        refuseOversized(JSON.parse(json));
      } catch {
        return;
      }
      expect(() => refuseManyValues(bytes(json))).not.toThrow();
    }),
    { numRuns: 20 },
  );
});

test('refuseManyValues refuses 4 MiB of empty objects in 0.2 s of CPU time', () => {
  const json = bytes(`{"messages":[${'{},'.repeat(maxBodyBytes / 3 - 10)}{}]}`);
  const before = process.cpuUsage();
  expect(() => refuseManyValues(json)).toThrow('the body has more than 100000 values; send fewer');
  // In µs of CPU time, which does not depend on the machine's load.
  expect(process.cpuUsage(before).user).toBeLessThan(200_000);
});
