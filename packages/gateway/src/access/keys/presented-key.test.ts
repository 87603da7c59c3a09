import { expect, test } from 'vitest';

import { presentedKey, refuseKeyInUrl } from './presented-key.ts';

test.each([
  [{ authorization: 'Bearer abc' }, 'abc'],
  [{ authorization: 'bearer  abc ' }, 'abc'],
  [{ 'x-api-key': 'abc' }, 'abc'],
  [{ authorization: 'Bearer abc', 'x-api-key': 'other' }, 'abc'],
  [{ authorization: 'Basic dXNlcjpwYXNz', 'x-api-key': 'abc' }, 'abc'],
  [{ authorization: 'Basic dXNlcjpwYXNz' }, null],
  [{ authorization: 'Bearer' }, null],
  [{ authorization: 'Bearer a b' }, null],
  [{ 'x-api-key': '' }, null],
  [{}, null],
])('presentedKey reads from %j the key %j', (headers, key) => expect(presentedKey(headers)).toBe(key));

test.each([
  '/v1/models?api_key=abc',
  '/v1/models?API-Key=abc',
  '/v1/models?key=abc',
  '/?x=1&access_token=abc',
  '/trpc/status?authorization=Bearer%20abc',
  '/trpc?%61pi_key=abc',
  '/trpc?anything=headway_abc',
  `/trpc/watch?connectionParams=${encodeURIComponent('{"apiKey":"abc"}')}`,
])('refuseKeyInUrl refuses %s and says where to send the key', (url) => {
  const refusal = refuseKeyInUrl(url);
  expect(refusal).toMatchObject({ code: 'invalid-request' });
  expect(refusal?.message).toMatch(/Authorization: Bearer, x-api-key, or apiKey in the connectionParams/);
  expect(refusal?.message).not.toContain('abc');
});

test.each(['/', '/v1/models', '/trpc?connectionParams=1', '/trpc/status?batch=1&input=%7B%7D', '/?monkey=1'])(
  'refuseKeyInUrl admits %s',
  (url) => expect(refuseKeyInUrl(url)).toBeNull(),
);
