import { expect, it } from 'vitest';

import { cacheSalt } from './cache-salt.ts';

it('keeps the cached prompts of owners apart, without telling the server who they are', () => {
  const { cache_salt: one } = cacheSalt(true, 'owner-one');
  expect(one).toMatch(/^[0-9a-f]{64}$/);
  expect(cacheSalt(true, 'owner-one').cache_salt).toBe(one);
  expect(cacheSalt(true, 'owner-two').cache_salt).not.toBe(one);
});

it('lets requests without an owner share, and one that wants nothing cached meet nothing', () => {
  expect(cacheSalt(true, '')).toEqual({});
  expect(cacheSalt(false, 'owner').cache_salt).not.toBe(cacheSalt(false, 'owner').cache_salt);
  expect(cacheSalt(false, '').cache_salt).toBeTruthy();
});
