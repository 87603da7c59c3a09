import { expect, test } from 'vitest';

import { checkKey, createApiKey, digestOf, ownerOf } from './api-key.ts';
import { ApiKeys } from './api-keys.ts';

const [one, two] = [createApiKey(), createApiKey()];
const keys = new ApiKeys([one, two].map(digestOf));

test('each key has its own owner, which is 16 hexadecimal digits of its digest', () => {
  expect(keys.find(one)).toEqual({ owner: ownerOf(digestOf(one)) });
  expect(keys.find(two)).not.toEqual(keys.find(one));
  expect(keys.find(one)?.owner).toMatch(/^[0-9a-f]{16}$/);
});

test.each([
  ['an empty key', ''],
  ['a key without its last character', one.slice(0, -1)],
  ['a key with one character more', `${one}x`],
  ['a key in upper case', one.toUpperCase()],
  ['the digest of a key', digestOf(one).toString('hex')],
  ['an owner', ownerOf(digestOf(one))],
  ['a megabyte of text', 'x'.repeat(1_000_000)],
])('ApiKeys does not accept %s', (_what, key) => expect(keys.find(key)).toBeNull());

test('ApiKeys.replace removes a key and keeps the others', () => {
  const changing = new ApiKeys([one, two].map(digestOf));
  const [removed, kept] = [changing.find(one), changing.find(two)];
  changing.replace([digestOf(two)]);
  expect(changing.find(one)).toBeNull();
  expect(removed && changing.knows(removed)).toBe(false);
  expect(kept && changing.knows(kept)).toBe(true);
  expect(changing.find(two)).toEqual(kept);
});

const everywhere = [{ beyondLoopback: false }, { beyondLoopback: true }];

test.each([createApiKey(), '0123456789abcdef0123456789abcdef', 'c0ffee00-1234-5678-9abc-def012345678'])(
  'checkKey accepts the random key %s without a warning',
  (key) => {
    for (const where of everywhere) expect(checkKey(key, where)).toBeNull();
  },
);

test.each([
  ['of 6 characters', 'secret', /has 6 characters/],
  ['of 15 characters', '0123456789abcde', /has 15 characters/],
  ['that repeats three characters', 'abcabcabc'.repeat(10), /repeats the same few characters/],
])('checkKey warns of a key %s on loopback, and refuses it beyond', (_what, key, why) => {
  expect(checkKey(key, { beyondLoopback: false })).toMatch(why);
  expect(() => checkKey(key, { beyondLoopback: true })).toThrow(why);
  expect(() => checkKey(key, { beyondLoopback: true })).toThrow(/headway keys add/);
  expect(() => checkKey(key, { beyondLoopback: true })).not.toThrow(key);
});

test('checkKey warns of a key of 16 characters, and accepts it beyond loopback', () => {
  for (const where of everywhere) expect(checkKey('0123456789abcdef', where)).toMatch(/has 16 characters/);
});

test.each([
  ['an empty key', '', /is empty/],
  ['a key with spaces', 'the quick brown fox jumps over the lazy dog', /spaces/],
  ['a key with characters that headers cannot carry', 'schlüssel-schlüssel-schlüssel-schlüssel', /no header can carry/],
  ['a key of 1,100 characters', 'abcdefghijk'.repeat(100), /more than 512/],
])('checkKey refuses %s, on loopback too', (_what, key, why) => {
  for (const where of everywhere) expect(() => checkKey(key, where)).toThrow(why);
});
