import { expect, test } from 'vitest';

import { checkKey, createApiKey, digestOf, ownerOf } from './api-key.ts';
import { ApiKeys } from './api-keys.ts';

const [one, two] = [createApiKey(), createApiKey()];
const keys = new ApiKeys([one, two].map(digestOf));

test('a key is its holder’s, each holder another owner, and the owner tells nothing of the key', () => {
  expect(keys.find(one)).toEqual({ owner: ownerOf(digestOf(one)) });
  expect(keys.find(two)).not.toEqual(keys.find(one));
  expect(keys.find(one)?.owner).toMatch(/^[0-9a-f]{16}$/);
});

test.each([
  ['the empty key', ''],
  ['a key that is nearly right', one.slice(0, -1)],
  ['a key with something behind it', `${one}x`],
  ['a key in other letters', one.toUpperCase()],
  ['what the gateway itself keeps of a key', digestOf(one).toString('hex')],
  ['an owner', ownerOf(digestOf(one))],
  ['a megabyte', 'x'.repeat(1_000_000)],
])('%s is nobody’s', (_what, key) => expect(keys.find(key)).toBeNull());

test('a key that is taken out is nobody’s, and its holder is known no more', () => {
  const changing = new ApiKeys([one, two].map(digestOf));
  const holder = changing.find(one);
  changing.replace([digestOf(two)]);
  expect(changing.find(one)).toBeNull();
  expect(holder && changing.knows(holder)).toBe(false);
  expect(changing.find(two)).not.toBeNull();
});

const everywhere = [{ beyondLoopback: false }, { beyondLoopback: true }];

test.each([createApiKey(), '0123456789abcdef0123456789abcdef', 'c0ffee00-1234-5678-9abc-def012345678'])(
  'a random key is taken: %s',
  (key) => {
    for (const where of everywhere) expect(checkKey(key, where)).toBeNull();
  },
);

test.each([
  ['short', 'secret', /has 6 characters/],
  ['one short of enough', '0123456789abcde', /has 15 characters/],
  ['long and dull', 'abcabcabc'.repeat(10), /repeats the same few characters/],
])('a key that is %s is taken with a warning on this machine, and refused beyond it', (_what, key, why) => {
  expect(checkKey(key, { beyondLoopback: false })).toMatch(why);
  expect(() => checkKey(key, { beyondLoopback: true })).toThrow(why);
  expect(() => checkKey(key, { beyondLoopback: true })).toThrow(/headway keys add/);
  expect(() => checkKey(key, { beyondLoopback: true })).not.toThrow(key);
});

test('a key of 16 characters is taken everywhere with a warning', () => {
  for (const where of everywhere) expect(checkKey('0123456789abcdef', where)).toMatch(/has 16 characters/);
});

test.each([
  ['empty', '', /is empty/],
  ['a sentence', 'the quick brown fox jumps over the lazy dog', /spaces/],
  ['not for headers', 'schlüssel-schlüssel-schlüssel-schlüssel', /no header can carry/],
  ['too long', 'abcdefghijk'.repeat(100), /more than 512/],
])('a key that is %s is refused everywhere', (_what, key, why) => {
  for (const where of everywhere) expect(() => checkKey(key, where)).toThrow(why);
});
