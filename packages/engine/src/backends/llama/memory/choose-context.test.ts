import { expect, test } from 'vitest';

import { chooseContext } from './choose-context.ts';

const gb = 1e9;
/** A model of 2 GB whose slots take 0.1 MB a token. */
const bytesWith = async (contextSize: number) => 2 * gb + contextSize * 1e5;

const chosen = (trained: number, shared: number, alone: number) =>
  chooseContext({ trained, room: { shared: shared * gb, alone: alone * gb }, bytesWith });

test('the trained context is taken where the share holds it', async () => {
  expect(await chosen(8192, 3, 6)).toBe(8192);
  expect(await chosen(131_072, Infinity, Infinity)).toBe(131_072);
});

test('else as much as fits the share, to 256 tokens', async () => {
  // 1 GB is left for slots: 10,000 tokens.
  expect(await chosen(131_072, 3, 6)).toBe(9984);
});

test('a model that its share cannot hold gets what fits when it is alone', async () => {
  // With 4,096 tokens it takes 2.41 GB.
  expect(await chosen(131_072, 2.4, 4.8)).toBe(27_904);
  expect(await chosen(16_384, 2.4, 4.8)).toBe(16_384);
});

test('a model that does not fit even alone is measured with the least useful context', async () => {
  expect(await chosen(131_072, 1, 2)).toBe(4096);
  expect(await chosen(1024, 1, 2)).toBe(1024);
});
