import { expect, test } from 'vitest';

import { RequestBudget, rateOf, takeOne } from './request-budget.ts';

function budget(perMinute: number) {
  let now = 0;
  const requests = new RequestBudget(perMinute, () => now);
  const takeAll = (account: string) => {
    let taken = 0;
    while (requests.take(account).taken) taken += 1;
    return taken;
  };
  return { requests, takeAll, wait: (ms: number) => (now += ms) };
}

test('RequestBudget allows a tenth of a minute’s requests at once, then the rate', () => {
  const { requests, takeAll, wait } = budget(600);
  expect(takeAll('a')).toBe(60);
  expect(requests.take('a')).toEqual({ taken: false, left: 0, waitMs: 100 });
  wait(99);
  expect(requests.take('a').taken).toBe(false);
  wait(1);
  expect(requests.take('a').taken).toBe(true);
  wait(60_000);
  expect(takeAll('a')).toBe(60);
});

test('RequestBudget holds the rate over ten minutes of constant requests', () => {
  const { requests, wait } = budget(600);
  let taken = 0;
  for (let ms = 0; ms < 600_000; ms += 10) {
    if (requests.take('a').taken) taken += 1;
    wait(10);
  }
  expect(taken).toBeGreaterThanOrEqual(6000);
  expect(taken).toBeLessThanOrEqual(6060);
});

test('RequestBudget gives each account its own allowance', () => {
  const { takeAll } = budget(600);
  expect(takeAll('a')).toBe(60);
  expect(takeAll('b')).toBe(60);
});

test('RequestBudget drops the oldest of 10,000 accounts and keeps refusing an active one', () => {
  const { requests, takeAll } = budget(600);
  takeAll('active');
  takeAll('idle');
  const refused: boolean[] = [];
  for (let at = 0; at < 10_000; at++) {
    requests.take(`address ${at}`);
    if (at % 1000 === 0) refused.push(!requests.take('active').taken);
  }
  expect(refused).toEqual(Array(10).fill(true));
  expect(takeAll('idle')).toBe(60);
});

test('takeOne adds nothing to the allowance when the clock goes back', () => {
  const { allowance } = takeOne({ left: 1, at: 1000 }, rateOf(60_000), 0);
  expect(allowance.left).toBe(0);
});

test('RequestBudget counts the same as a store of @fastify/rate-limit', async () => {
  const { requests, wait } = budget(600);
  const store = new (requests.asStore())({});
  const count = () =>
    new Promise<{ current: number; ttl: number } | undefined>((resolve) =>
      store.incr('a', (_error, result) => resolve(result), 0, 0),
    );
  expect(requests.burst).toBe(60);
  expect(await count()).toEqual({ current: 1, ttl: 0 });
  for (let at = 0; at < 59; at++) requests.take('a');
  expect(await count()).toEqual({ current: 61, ttl: 100 });
  wait(100);
  expect(await count()).toMatchObject({ current: 60 });
});
