import { getEventListeners } from 'node:events';

import { HeadwayError } from '@headway/protocol';
import { describe, expect, it, vi } from 'vitest';

import { systemClock } from '../../../timing/clock.ts';
import { createVirtualClock } from '../../scripted/virtual-clock.ts';
import { connectionRefused, FakeMember, placeRequest } from './fake-member.fixture.ts';
import type { MemberStatus, Place } from './pool-member.ts';
import { UpstreamPool, type UpstreamPoolOptions } from './upstream-pool.ts';

const broken = new HeadwayError('upstream-failed', 'the stream broke off');

async function open(concurrencies: readonly number[], options: Partial<UpstreamPoolOptions> = {}) {
  const clock = createVirtualClock();
  const [first, ...others] = concurrencies.map((concurrency, at) => new FakeMember('abc'.charAt(at), concurrency));
  if (!first) throw new Error('a pool has at least one member');
  const members = [first, ...others];
  const pool = new UpstreamPool<FakeMember>([first, ...others], { clock, ...options });
  await clock.advance(0);
  const place = (request: Parameters<typeof placeRequest>[0] = {}) => pool.place(placeRequest(request));
  const nameOf = async (placing: Promise<Place<FakeMember>>) => (await placing).member.name;
  const states = () => pool.status().map(({ state }) => state);
  /** Places one request after the other and ends each as told. */
  const run = async (outcomes: readonly Parameters<Place<FakeMember>['end']>[0][]) => {
    for (const outcome of outcomes) (await place()).end(outcome);
  };
  return { clock, members, first, second: others[0] ?? first, pool, place, nameOf, states, run };
}

/** What a promise rejects with; it counts as handled from now on. */
function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => null,
    (thrown: unknown) => thrown,
  );
}

describe('placing', () => {
  it('takes the upstream with the fewest prompt tokens to read, and counts them until the prompt is read', async () => {
    const { pool, place, nameOf } = await open([4, 4]);
    const long = await place({ tokens: 1_000 });
    expect(long.member.name).toBe('a');
    expect(await nameOf(place({ tokens: 300 }))).toBe('b');
    expect(await nameOf(place({ tokens: 300 }))).toBe('b');
    expect(pool.status().map((one) => one.outstandingTokens)).toEqual([1_000, 600]);
    long.read();
    expect(pool.status().map((one) => one.outstandingTokens)).toEqual([0, 600]);
    expect(await nameOf(place())).toBe('a');
  });

  it('prefers the upstream that read the beginning, and expects it to read the rest only', async () => {
    const { pool, place, nameOf } = await open([4, 4]);
    const first = await place({ tokens: 100, blocks: [1, 2, 3] });
    first.read();
    first.end({ ok: true });
    expect(await nameOf(place({ tokens: 200, blocks: [1, 2, 3, 4] }))).toBe('a');
    expect(pool.status()[0]?.outstandingTokens).toBe(50);
    expect(await nameOf(place({ tokens: 40, blocks: [1] }))).toBe('b');
    expect(await nameOf(place({ tokens: 200, blocks: [1, 2, 3, 4] }))).toBe('a');
  });

  it('forgets what an upstream has read when it goes down', async () => {
    const { clock, place, nameOf, first } = await open([4, 4]);
    const known = await place({ tokens: 1_000, blocks: [1, 2, 3] });
    known.end({ ok: true });
    first.health = connectionRefused();
    await clock.advance(15_000);
    first.health = 'answers';
    await clock.advance(1_000);
    const trial = await place({ avoid: new Set() });
    trial.end({ ok: true });
    expect(await nameOf(place({ tokens: 1_000, blocks: [1, 2, 3] }))).toBe('a');
    expect(await nameOf(place({ tokens: 1_000, blocks: [1, 2, 3] }))).toBe('b');
  });

  it('lets requests wait in order of arrival', async () => {
    const { pool, place } = await open([1]);
    const order: string[] = [];
    const wait = async (name: string) => {
      const got = await place();
      order.push(name);
      return got;
    };
    const running = await place();
    const waiting = [wait('first'), wait('second')];
    await Promise.resolve();
    expect([pool.waiting, pool.status()[0]?.running]).toEqual([2, 1]);
    running.end({ ok: true });
    (await waiting[0])?.end({ ok: true });
    await waiting[1];
    expect(order).toEqual(['first', 'second']);
    expect([pool.waiting, pool.status()[0]?.running]).toEqual([0, 1]);
  });

  it('lets no later request take the places that an earlier one with several choices waits for', async () => {
    const { pool, place } = await open([2, 1]);
    const running = [await place(), await place(), await place()];
    const atA = running.filter(({ member }) => member.name === 'a');
    const double = place({ places: 2 });
    const single = place();
    await Promise.resolve();
    atA[0]?.end({ ok: true });
    expect(pool.waiting).toBe(2);
    // The place at b is too small for the double request, so the later one may have it.
    running.find(({ member }) => member.name === 'b')?.end({ ok: true });
    expect((await single).member.name).toBe('b');
    atA[1]?.end({ ok: true });
    expect((await double).member.name).toBe('a');
    expect(pool.status()[0]?.running).toBe(2);
  });

  it('counts a read and an end once', async () => {
    const { pool, place } = await open([2]);
    const one = await place({ tokens: 10 });
    await place({ tokens: 10 });
    one.read();
    one.read();
    one.end({ ok: true });
    one.end({ failed: broken });
    one.read();
    expect(pool.status()[0]).toMatchObject({ running: 1, outstandingTokens: 10, failed: 0, lastError: null });
  });

  it('leaves the line as soon as the signal aborts, and leaves no listener', async () => {
    const { pool, place } = await open([1]);
    const abort = new AbortController();
    const running = await place({ signal: abort.signal });
    const waiting = place({ signal: abort.signal });
    const later = place();
    await Promise.resolve();
    abort.abort('enough');
    await expect(waiting).rejects.toBe('enough');
    await expect(place({ signal: abort.signal })).rejects.toBe('enough');
    running.end({ cancelled: true });
    expect((await later).member.name).toBe('a');
    expect(pool.waiting).toBe(0);
    expect(getEventListeners(abort.signal, 'abort')).toEqual([]);
  });

  it('lets the later requests go when the one that they wait for leaves', async () => {
    const { place } = await open([2]);
    await place();
    const abort = new AbortController();
    const double = rejection(place({ places: 2, signal: abort.signal }));
    const single = place();
    await Promise.resolve();
    abort.abort('enough');
    expect(await double).toBe('enough');
    expect((await single).member.name).toBe('a');
  });

  it('refuses more choices than any upstream works on, for good', async () => {
    const { place } = await open([2, 3]);
    await expect(place({ places: 4 })).rejects.toMatchObject({ code: 'upstream-failed', retryable: false });
    expect((await place({ places: 3 })).member.name).toBe('b');
  });

  it('refuses two upstreams of one name', () => {
    const members = [new FakeMember('a'), new FakeMember('a')] as const;
    expect(() => new UpstreamPool(members, { clock: createVirtualClock() })).toThrow('two upstreams have the name "a"');
  });
});

describe('failures', () => {
  it('keeps a request from the upstreams that it has tried', async () => {
    const { place, first, second } = await open([1, 1]);
    const running = await place({ avoid: new Set([first]) });
    expect(running.member).toBe(second);
    const waiting = place({ avoid: new Set([first]) });
    // A later request does not wait for one that cannot use the free place.
    expect((await place()).member).toBe(first);
    running.end({ ok: true });
    expect((await waiting).member).toBe(second);
  });

  it('refuses a request at once when no upstream is left that it has not tried', async () => {
    const { pool, clock, place, first, second } = await open([1, 1]);
    await expect(place({ avoid: new Set([first, second]) })).rejects.toMatchObject({
      code: 'upstream-failed',
      retryable: true,
      message: 'no other upstream is up to take over the request; send it again in a moment',
    });
    await place({ avoid: new Set([first]) });
    const waiting = place({ avoid: new Set([first]) });
    const refused = rejection(waiting);
    second.health = connectionRefused();
    await clock.advance(20_000);
    expect(await refused).toMatchObject({ message: expect.stringContaining('take over the request (it refused') });
    expect(pool.waiting).toBe(0);
  });

  it('takes an upstream out after three failures in a row, and lets one request try it after a check', async () => {
    const { clock, place, states, run, first } = await open([2]);
    await run([{ failed: broken }, { failed: broken }, { ok: true }, { failed: broken }, { failed: broken }]);
    expect(states()).toEqual(['up']);
    await run([{ failed: broken }]);
    expect(states()).toEqual(['down']);
    const waiting = [place(), place()];
    await clock.advance(999);
    expect(states()).toEqual(['down']);
    await clock.advance(1);
    expect(states()).toEqual(['probing']);
    const trial = await waiting[0];
    await clock.advance(5);
    expect(first.checks).toBe(2);
    trial?.read();
    expect(states()).toEqual(['up']);
    expect((await waiting[1])?.member).toBe(first);
  });

  it('takes an upstream out at once when a failed request leads to a failed check', async () => {
    const { clock, states, run, first } = await open([2]);
    first.health = connectionRefused();
    await run([{ failed: broken }]);
    await clock.advance(0);
    expect(states()).toEqual(['down']);
  });

  it('learns nothing from a request that was cancelled or refused for its content', async () => {
    const { clock, states, run } = await open([2]);
    await run([{ failed: broken }, { failed: broken }, { refused: true }, { cancelled: true }]);
    expect(states()).toEqual(['up']);
    await run([{ failed: broken }]);
    await clock.advance(1_000);
    await run([{ refused: true }, { cancelled: true }]);
    expect(states()).toEqual(['probing']);
  });

  it('gives nothing to an upstream that asked to wait, without counting it as down, up to a minute', async () => {
    const { clock, pool, place, states, nameOf } = await open([2, 2]);
    const busy = new HeadwayError('upstream-failed', 'HTTP 429: slow down');
    (await place()).end({ failed: busy, retryAfterMs: 3_000 });
    expect([states(), pool.capacity]).toEqual([['busy', 'up'], 2]);
    expect([await nameOf(place()), await nameOf(place())]).toEqual(['b', 'b']);
    const waiting = place();
    await clock.advance(2_999);
    expect(pool.waiting).toBe(1);
    await clock.advance(1);
    const third = await waiting;
    expect(third.member.name).toBe('a');
    third.end({ failed: busy, retryAfterMs: 86_400_000 });
    await clock.advance(59_999);
    expect(states()).toEqual(['busy', 'up']);
    await clock.advance(1);
    expect(states()).toEqual(['up', 'up']);
    expect(pool.refusal).toBeNull();
  });
});

describe('checks', () => {
  it('checks each upstream when the pool opens and then every 15 s without a sign of it', async () => {
    const { clock, place, members } = await open([2, 2]);
    const checks = () => members.map((member) => member.checks);
    expect(checks()).toEqual([1, 1]);
    await clock.advance(10_000);
    (await place()).read();
    await clock.advance(5_000);
    expect(checks()).toEqual([1, 2]);
    await clock.advance(10_000);
    expect(checks()).toEqual([2, 2]);
  });

  it('never checks one upstream twice at the same time, and ends a check that takes too long', async () => {
    const { clock, first, states } = await open([2]);
    first.health = 'hangs';
    let most = 0;
    for (let ms = 0; ms < 60_000; ms += 250) {
      await clock.advance(250);
      most = Math.max(most, first.checking);
    }
    expect(most).toBe(1);
    expect(states()).toEqual(['down']);
    expect(first.checks).toBeGreaterThan(4);
    expect(first.checks).toBeLessThan(10);
  });

  it('finds out within 5 s that an upstream is back, however long it was away', async () => {
    const { clock, first, states } = await open([2]);
    first.health = connectionRefused();
    await clock.advance(3_600_000);
    expect(states()).toEqual(['down']);
    first.health = 'answers';
    await clock.advance(5_000);
    expect(states()).toEqual(['probing']);
  });

  it('spares one that answers no check while it works, until it answers or works no more', async () => {
    const { clock, pool, first, place, states } = await open([2]);
    const one = await place();
    first.health = 'hangs';
    await clock.advance(20_000);
    expect([states(), pool.capacity, pool.refusal]).toEqual([['busy'], 1, null]);
    one.read();
    expect([states(), pool.capacity]).toEqual([['up'], 2]);
    await clock.advance(20_000);
    expect(states()).toEqual(['busy']);
    one.end({ failed: broken });
    await clock.advance(5_000);
    expect([states(), pool.status()[0]?.lastError]).toEqual([['down'], 'it did not answer a check within 5 s']);
  });

  it('takes a sign that came during a check for its answer', async () => {
    const { clock, first, place, states } = await open([2]);
    const one = await place();
    first.health = 'hangs';
    await clock.advance(17_000);
    expect(first.checking).toBe(1);
    one.read();
    await clock.advance(3_000);
    expect([first.checking, states()]).toEqual([0, ['up']]);
  });

  it('tells states as they change', async () => {
    const told: MemberStatus[] = [];
    const { clock, first } = await open([2], { onState: (status) => told.push(status) });
    first.health = connectionRefused();
    await clock.advance(15_000);
    first.health = 'answers';
    await clock.advance(1_000);
    expect(told.map(({ name, state, lastError }) => [name, state, lastError])).toEqual([
      ['a', 'down', 'it refused the connection'],
      ['a', 'probing', 'it refused the connection'],
    ]);
  });
});

describe('capacity and refusal', () => {
  it('counts free places where requests may go, and taken ones everywhere', async () => {
    const { clock, pool, place, second } = await open([3, 4]);
    await place({ avoid: new Set([second]) });
    const atB = await place();
    expect(pool.capacity).toBe(7);
    const drained = pool.drain('a');
    expect(pool.capacity).toBe(5);
    second.health = connectionRefused();
    atB.end({ failed: broken });
    await clock.advance(0);
    expect(pool.capacity).toBe(1);
    second.health = 'answers';
    await clock.advance(1_000);
    // One request may try it.
    expect(pool.capacity).toBe(2);
    void drained;
  });

  it('calls when capacity or refusal has changed', async () => {
    const seen: string[] = [];
    let look = () => '';
    const { clock, pool, first } = await open([3], { onCapacity: () => seen.push(look()) });
    look = () => `${pool.capacity} ${pool.refusal?.code ?? 'waits'}`;
    first.health = connectionRefused();
    await clock.advance(26_000);
    first.health = 'answers';
    await clock.advance(5_000);
    (await pool.place(placeRequest())).end({ ok: true });
    expect(seen.filter((one, at) => one !== seen[at - 1])).toEqual([
      '',
      '0 waits',
      '0 upstream-failed',
      '1 waits',
      '3 waits',
    ]);
  });

  it('lets requests wait for 10 s while no upstream is up, then refuses them, and new ones at once', async () => {
    const { clock, pool, first, second, place, states } = await open([2, 2]);
    first.health = second.health = connectionRefused();
    await clock.advance(15_000);
    expect([states(), pool.capacity]).toEqual([['down', 'down'], 0]);
    const refused = rejection(place());
    await clock.advance(9_999);
    expect(pool.waiting).toBe(1);
    await clock.advance(1);
    expect(await refused).toMatchObject({
      code: 'upstream-failed',
      retryable: true,
      message: 'no upstream is up (it refused the connection); send the request again when one is back',
    });
    await expect(place()).rejects.toMatchObject({ code: 'upstream-failed' });
    first.health = 'answers';
    await clock.advance(5_000);
    expect(pool.refusal).toBeNull();
    expect((await place()).member).toBe(first);
  });

  it('grants a request that waited while the only upstream restarted', async () => {
    const { clock, first, place } = await open([2]);
    first.health = connectionRefused();
    await clock.advance(15_000);
    const waiting = place();
    first.health = 'answers';
    await clock.advance(1_000);
    expect((await waiting).member).toBe(first);
  });

  it('does not begin the grace time anew for each trial that fails', async () => {
    const { clock, pool, place, run } = await open([1]);
    await run([{ failed: broken }, { failed: broken }, { failed: broken }]);
    const ends: string[] = [];
    for (let at = 0; at < 9; at++) {
      place().then(
        (placed) => {
          ends.push(`tried at ${clock.now()}`);
          placed.end({ failed: broken });
        },
        () => ends.push(`refused at ${clock.now()}`),
      );
    }
    await clock.advance(60_000);
    expect(ends).toEqual([
      'tried at 1000',
      'tried at 3000',
      'tried at 7000',
      ...Array.from({ length: 6 }, () => 'refused at 10000'),
    ]);
    expect(pool.waiting).toBe(0);
  });

  it('names neither an upstream nor its address in an error', async () => {
    const { clock, first, place } = await open([1], { graceMs: 0 });
    const secret = new Error('connect to http://key@10.0.0.7:8000 failed');
    first.health = secret;
    await clock.advance(15_000);
    await expect(place()).rejects.toMatchObject({
      message: 'no upstream is up (it does not answer); send the request again when one is back',
    });
  });
});

describe('draining', () => {
  it('ends when the last stream has ended, and places nothing meanwhile', async () => {
    const { pool, place, states } = await open([2, 2]);
    const running = [await place(), await place()];
    const atA = running.find(({ member }) => member.name === 'a');
    let drained = false;
    const draining = pool.drain('a').then(() => (drained = true));
    const others = [await place()];
    expect(others.map(({ member }) => member.name)).toEqual(['b']);
    const waiting = place();
    await new Promise((resolve) => setImmediate(resolve));
    expect([drained, pool.waiting, states()]).toEqual([false, 1, ['draining', 'up']]);
    atA?.end({ ok: true });
    await draining;
    expect([drained, pool.waiting]).toEqual([true, 1]);
    pool.resume('a');
    expect((await waiting).member.name).toBe('a');
  });

  it('checks no upstream that drains, and checks it at once when it is resumed', async () => {
    const { clock, pool, first, states } = await open([2]);
    await pool.drain('a');
    first.health = connectionRefused();
    await clock.advance(60_000);
    expect(first.checks).toBe(1);
    pool.resume('a');
    await clock.advance(0);
    expect([first.checks, states()]).toEqual([2, ['down']]);
  });

  it('tells who drains that the upstream was resumed', async () => {
    const { pool, place } = await open([1]);
    await place();
    const drained = rejection(pool.drain('a'));
    pool.resume('a');
    expect(await drained).toMatchObject({ code: 'conflict' });
  });

  it('throws for a name that no upstream has', async () => {
    const { pool } = await open([1, 1]);
    await expect(pool.drain('c')).rejects.toThrow('there is no upstream "c"; choose one of: a, b');
    expect(() => pool.resume('c')).toThrow(expect.objectContaining({ code: 'invalid-request' }));
  });
});

describe('closing', () => {
  it('is not needed for the process to end: checks to come do not keep it alive', async () => {
    const timers = vi.spyOn(globalThis, 'setTimeout');
    const member = new FakeMember('a');
    const pool = new UpstreamPool([member], { clock: systemClock });
    while (member.checks === 0) await new Promise((resolve) => setImmediate(resolve));
    const keepAlive = timers.mock.results.map(({ value }) => value.hasRef());
    timers.mockRestore();
    pool.close();
    expect(keepAlive.length).toBeGreaterThan(0);
    expect(keepAlive).not.toContain(true);
  });

  it('leaves no timer and no check, refuses those that wait, and takes running places back', async () => {
    const { clock, pool, first, place } = await open([1, 1]);
    const running = [await place(), await place()];
    running[1]?.end({ failed: broken, retryAfterMs: 60_000 });
    const waiting = rejection(place());
    first.health = 'hangs';
    await clock.advance(15_000);
    expect([first.checking, clock.sleepers > 0]).toEqual([1, true]);
    pool.close();
    await clock.advance(0);
    running[0]?.end({ ok: true });
    expect([first.checking, clock.sleepers, pool.status().map((one) => one.running)]).toEqual([0, 0, [0, 0]]);
    await expect(place()).rejects.toMatchObject({ code: 'shutting-down' });
    expect(await waiting).toMatchObject({ code: 'shutting-down' });
  });
});
