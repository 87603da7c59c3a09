import fc from 'fast-check';
import { expect, it } from 'vitest';

import { sseItems } from './sse-items.ts';

async function itemsOf(chunks: readonly Uint8Array[]) {
  const items = [];
  for await (const some of sseItems(
    (async function* () {
      yield* chunks;
    })(),
  ))
    items.push(...some);
  return items;
}

it('reads the same items however the bytes are cut, with LF or CRLF', async () => {
  const lines = [
    ': keepalive 1/2',
    '',
    'event: named',
    'data: {"é":"日本😀"}',
    '',
    'data: a',
    'data: b',
    '',
    'data: last',
  ];
  const expected = [
    { kind: 'comment', text: 'keepalive 1/2' },
    { kind: 'event', name: 'named', data: '{"é":"日本😀"}' },
    { kind: 'event', name: undefined, data: 'a\nb' },
    { kind: 'event', name: undefined, data: 'last' },
  ];
  await fc.assert(
    fc.asyncProperty(fc.constantFrom('\n', '\r\n'), fc.array(fc.nat(140), { maxLength: 12 }), async (newline, cuts) => {
      const bytes = Buffer.from(lines.join(newline));
      const places = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
      const chunks = places.slice(1).map((end, at) => bytes.subarray(places[at], end));
      expect(await itemsOf(chunks)).toEqual(expected);
    }),
  );
});

it('refuses an event without end', async () => {
  const chunk = Buffer.alloc(1024 * 1024, 'x');
  await expect(itemsOf([Buffer.from('data: '), ...Array.from({ length: 20 }, () => chunk)])).rejects.toMatchObject({
    code: 'upstream-failed',
  });
});
