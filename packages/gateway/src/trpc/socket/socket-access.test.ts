import { pino } from 'pino';
import { expect, test } from 'vitest';

import { createApiKey } from '../../access/keys/api-key.ts';
import { startAccessControl, type AccessOptions } from '../../access/start-access-control.ts';
import { SocketAccess } from './socket-access.ts';

const [mine, theirs] = [createApiKey(), createApiKey()];

/** Returns a function that opens a socket with a key. */
async function openAccess(options: AccessOptions = {}) {
  const { accessControl } = await startAccessControl(
    { apiKeys: [mine, theirs], ...options },
    pino({ level: 'silent' }),
  );
  return (key: string | null, address = '192.0.2.1') => {
    const access = new SocketAccess(accessControl, address);
    access.authenticate(key);
    return access;
  };
}

const codeOf = (act: () => unknown): unknown => {
  try {
    act();
    return null;
  } catch (thrown) {
    return (thrown as { code: unknown }).code;
  }
};

test('SocketAccess refuses each call of a socket without a valid key', async () => {
  const connect = await openAccess();
  for (const access of [connect(null), connect('wrong'), connect(createApiKey())]) {
    expect([access, access].map((one) => codeOf(() => one.identify()))).toEqual(['unauthorized', 'unauthorized']);
  }
  expect(connect(mine).identify()).toEqual(connect(mine).identify());
  expect(connect(mine).identify()).not.toEqual(connect(theirs).identify());
});

test('SocketAccess limits the sockets of a key over all addresses, until one is closed', async () => {
  const connect = await openAccess({ limits: { connectionsEach: 3 } });
  const sockets = Array.from({ length: 4 }, (_, at) => connect(mine, `192.0.2.${at}`));
  expect(sockets.map((access) => codeOf(() => access.identify()))).toEqual([null, null, null, 'rate-limited']);
  expect(codeOf(() => connect(theirs).identify())).toBeNull();
  for (let again = 0; again < 3; again++) sockets[0]?.release();
  expect(codeOf(() => connect(mine).identify())).toBeNull();
  expect(codeOf(() => connect(mine).identify())).toBe('rate-limited');
});

test('SocketAccess counts the failed calls of an IPv6 /64 as those of one address', async () => {
  const connect = await openAccess({ limits: { requests: 60 } });
  const sockets = Array.from({ length: 20 }, (_, at) => connect('wrong', `2001:db8:1:2::${at + 1}`));
  const codes = sockets.map((access) => codeOf(() => access.identify()));
  expect(codes.slice(0, 6)).toEqual(Array(6).fill('unauthorized'));
  expect(codes.slice(7)).toEqual(Array(13).fill('rate-limited'));
  expect(codeOf(() => connect('wrong', '2001:db8:1:3::1').identify())).toBe('unauthorized');
  expect(codeOf(() => connect(mine, '2001:db8:1:2::1').identify())).toBeNull();
});

test('SocketAccess frees the place of a subscription once, however often it is released', async () => {
  const access = (await openAccess({ limits: { subscriptions: 2 } }))(mine);
  const [first] = [access.countSubscription(), access.countSubscription()];
  expect(codeOf(() => access.countSubscription())).toBe('rate-limited');
  first?.();
  first?.();
  expect(codeOf(() => access.countSubscription())).toBeNull();
  expect(codeOf(() => access.countSubscription())).toBe('rate-limited');
});

test('SocketAccess is busy while a subscription is open, and once after each call', async () => {
  const access = (await openAccess())(mine);
  expect(access.isBusy()).toBe(false);
  access.identify();
  expect([access.isBusy(), access.isBusy()]).toEqual([true, false]);
  const release = access.countSubscription();
  expect([access.isBusy(), access.isBusy()]).toEqual([true, true]);
  release();
  expect(access.isBusy()).toBe(false);
});
