import { pino } from 'pino';
import { expect, test } from 'vitest';

import { createApiKey } from '../../access/keys/api-key.ts';
import { openGate, type AccessOptions } from '../../access/open-gate.ts';
import { SocketVisitor } from './socket-visitor.ts';

const [mine, theirs] = [createApiKey(), createApiKey()];

async function openDoor(options: AccessOptions = {}) {
  const { gatekeeper } = await openGate({ apiKeys: [mine, theirs], ...options }, pino({ level: 'silent' }));
  return (key: string | null, address = '192.0.2.1') => {
    const visitor = new SocketVisitor(gatekeeper, address);
    visitor.introduce(key);
    return visitor;
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

test('each call of a visitor without the right key is refused', async () => {
  const enter = await openDoor();
  for (const visitor of [enter(null), enter('wrong'), enter(createApiKey())]) {
    expect([visitor, visitor].map((one) => codeOf(() => one.identify()))).toEqual(['unauthorized', 'unauthorized']);
  }
  expect(enter(mine).identify()).toEqual(enter(mine).identify());
  expect(enter(mine).identify()).not.toEqual(enter(theirs).identify());
});

test('a key has so many sockets, from wherever they come, and one that leaves makes room', async () => {
  const enter = await openDoor({ limits: { connectionsEach: 3 } });
  const visitors = Array.from({ length: 4 }, (_, at) => enter(mine, `192.0.2.${at}`));
  expect(visitors.map((visitor) => codeOf(() => visitor.identify()))).toEqual([null, null, null, 'rate-limited']);
  expect(codeOf(() => enter(theirs).identify())).toBeNull();
  for (let again = 0; again < 3; again++) visitors[0]?.leave();
  expect(codeOf(() => enter(mine).identify())).toBeNull();
  expect(codeOf(() => enter(mine).identify())).toBe('rate-limited');
});

test('an address has one share of requests, whatever it writes in an IPv6 address’s second half', async () => {
  const enter = await openDoor({ limits: { requests: 60 } });
  const calls = Array.from({ length: 20 }, (_, at) => enter('wrong', `2001:db8:1:2::${at + 1}`));
  const codes = calls.map((visitor) => codeOf(() => visitor.identify()));
  expect(codes.slice(0, 6)).toEqual(Array(6).fill('unauthorized'));
  expect(codes.slice(7)).toEqual(Array(13).fill('rate-limited'));
  expect(codeOf(() => enter('wrong', '2001:db8:1:3::1').identify())).toBe('unauthorized');
  expect(codeOf(() => enter(mine, '2001:db8:1:2::1').identify())).toBeNull();
});

test('a place for a subscription is given back once', async () => {
  const enter = await openDoor({ limits: { subscriptions: 2 } });
  const visitor = enter(mine);
  const [first] = [visitor.holdSubscription(), visitor.holdSubscription()];
  expect(codeOf(() => visitor.holdSubscription())).toBe('rate-limited');
  first?.();
  first?.();
  expect(codeOf(() => visitor.holdSubscription())).toBeNull();
  expect(codeOf(() => visitor.holdSubscription())).toBe('rate-limited');
});

test('a visitor is busy while something runs, and once after each call', async () => {
  const visitor = (await openDoor())(mine);
  expect(visitor.isBusy()).toBe(false);
  visitor.identify();
  expect([visitor.isBusy(), visitor.isBusy()]).toEqual([true, false]);
  const release = visitor.holdSubscription();
  expect([visitor.isBusy(), visitor.isBusy()]).toEqual([true, true]);
  release();
  expect(visitor.isBusy()).toBe(false);
});
