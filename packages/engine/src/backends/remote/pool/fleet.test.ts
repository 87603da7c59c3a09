import { setMaxListeners } from 'node:events';

import { generateRequest, HeadwayError, isHeadwayError } from '@headway/protocol';
import { describe, expect, it } from 'vitest';

import { SlotPool } from '../../../scheduling/slot-pool.ts';
import { scripted } from '../../scripted/scripted.ts';
import { createVirtualClock, type VirtualClock } from '../../scripted/virtual-clock.ts';
import { prefixBlocks } from '../estimate/prefix-blocks.ts';
import type { MemberStatus, Place } from './pool-member.ts';
import { SimulatedUpstream } from './simulated-upstream.fixture.ts';
import { UpstreamPool } from './upstream-pool.ts';

/** A request without a token for this long, in ms, is given up. */
const stallMs = 3_000;

interface Ended {
  request: number;
  /** `ok`; `broken`: after its first token; or the code of the error before it. */
  how: string;
  at: number;
  /** The upstreams that had it, one after the other. */
  tried: string[];
}

const { signal } = new AbortController();
setMaxListeners(0, signal);

/** Three upstreams of four places each behind Headway's own queue. `affinity`: whether the pool sees the prompts. */
async function openFleet({ affinity = true } = {}) {
  const clock = createVirtualClock();
  const upstream = (name: string) => new SimulatedUpstream(name, 4, clock);
  const members = [upstream('a'), upstream('b'), upstream('c')] as const;
  const told: string[] = [];
  const onState = ({ name, state }: MemberStatus) => void told.push(`${clock.now()} ${name} ${state}`);
  const pool = new UpstreamPool<SimulatedUpstream>(members, {
    clock,
    onState,
    onCapacity: () => queue.capacityChanged(),
  });
  const model = await scripted({ clock }).load({ parallel: 12, contextSize: null, signal });
  const queue = new SlotPool(model.slots, {
    maxQueue: 1_000,
    queueTimeoutMs: 600_000,
    clock,
    capacity: () => pool.capacity,
    refusal: () => pool.refusal,
  });
  const ended: Ended[] = [];
  /** The requests in the order in which they got their first place. */
  const firstPlaced: number[] = [];
  const prompt = await model.prepare(generateRequest.parse({ prompt: 'a' }), { owner: '', signal });

  /** One request from the queue to its end; it moves on to another upstream until it has had a token. */
  const request = async (number: number, text: string) => {
    const tried: SimulatedUpstream[] = [];
    const end = (how: string) =>
      ended.push({ request: number, how, at: clock.now(), tried: tried.map(({ name }) => name) });
    const waiting = { signal, owner: '', count: () => 1, arrival: queue.arrive(), onPosition: () => undefined };
    const blocks = prefixBlocks(text, '');
    const tokens = Math.ceil(text.length / 4);
    try {
      const [slot] = await queue.acquire(prompt, waiting);
      try {
        for (;;) {
          const seen = affinity ? blocks : [];
          const place = await pool.place({ tokens, blocks: seen, places: 1, avoid: new Set(tried), signal });
          if (tried.push(place.member) === 1) firstPlaced.push(number);
          const how = await serve(place, { tokens, blocks, clock });
          if (how !== 'failed') return end(how);
        }
      } finally {
        queue.release(slot);
      }
    } catch (thrown) {
      end(isHeadwayError(thrown) ? thrown.code : String(thrown));
    }
  };
  return { clock, members, pool, queue, ended, firstPlaced, request, told };
}

interface Serving {
  tokens: number;
  blocks: readonly number[];
  clock: VirtualClock;
}

/** Has a request served at its place, and gives the place back. */
async function serve(place: Place<SimulatedUpstream>, { tokens, blocks, clock }: Serving) {
  const stalled = new AbortController();
  const watch = () => clock.after(stallMs, () => stalled.abort(new Error('no token came')));
  let unwatch = watch();
  let begun = false;
  const onFirstToken = () => {
    begun = true;
    place.read();
    unwatch();
    unwatch = watch();
  };
  try {
    await place.member.serve({ tokens, blocks, onFirstToken, signal: stalled.signal });
    place.end({ ok: true });
    return 'ok';
  } catch (thrown) {
    if (!isHeadwayError(thrown) && thrown !== stalled.signal.reason) throw thrown;
    const failed = isHeadwayError(thrown) ? thrown : new HeadwayError('upstream-failed', 'no token came');
    place.end({ failed });
    return begun ? 'broken' : 'failed';
  } finally {
    unwatch();
  }
}

/** A prompt of about 300 characters; requests of one topic share the first 192. */
function topicText(topic: number, number: number): string {
  return `${`topic ${topic} `.repeat(32).slice(0, 192)} request ${number} `.padEnd(300, `${number}.`);
}

describe('three upstreams and 500 requests', () => {
  it('saves every request that has had no token when an upstream is killed, stalls or drains', async () => {
    const { clock, members, pool, queue, ended, firstPlaced, request, told } = await openFleet();
    const [a, b, c] = members;
    await clock.advance(0);
    const all = Promise.all(
      Array.from({ length: 500 }, async (_, number) => {
        await clock.sleep(number * 20);
        await request(number, topicText(number % 20, number));
      }),
    );
    await clock.advance(2_000);
    const cut = { a: a.running, b: 0 };
    a.kill();
    await clock.advance(4_000);
    a.restart();
    await clock.advance(4_000);
    expect(pool.status().map(({ state }) => state)).toEqual(['up', 'up', 'up']);

    cut.b = b.running;
    b.stall();
    await clock.advance(2_000);
    const drainedAt = { served: c.served, running: c.running };
    let drained = -1;
    void pool.drain('c').then(() => (drained = clock.now()));
    await clock.advance(4_000);
    expect(drained).toBeGreaterThan(0);
    // Its streams ran to their ends, and it got no others.
    expect([c.running, c.served - drainedAt.served]).toEqual([0, drainedAt.running]);
    pool.resume('c');
    await clock.advance(16_000);
    b.goOn();
    await clock.advance(120_000);
    await all;

    expect(ended.length).toBe(500);
    expect(new Set(ended.map((one) => one.request)).size).toBe(500);
    const broken = ended.filter(({ how }) => how === 'broken');
    expect(ended.filter(({ how }) => how !== 'broken' && how !== 'ok')).toEqual([]);
    // Only streams that a killed or stalled upstream was writing.
    expect(broken.map(({ tried }) => tried.at(-1)).filter((name) => name !== 'a' && name !== 'b')).toEqual([]);
    expect(broken.length).toBeGreaterThan(0);
    expect(broken.length).toBeLessThanOrEqual(cut.a + cut.b);
    const moved = ended.filter(({ tried }) => tried.length > 1);
    expect(moved.length).toBeGreaterThan(0);
    expect(moved.filter(({ how }) => how !== 'ok')).toEqual([]);

    // First come, first served.
    expect(firstPlaced).toEqual(Array.from({ length: 500 }, (_, number) => number));
    expect(members.map(({ mostRunning }) => mostRunning)).toEqual([4, 4, 4]);
    expect(told.filter((line) => line.includes(' a ')).map((line) => line.split(' ').at(-1))).toEqual([
      'down',
      'probing',
      'up',
    ]);

    // The next request finds out that b is well again.
    expect(pool.status()[1]?.state).toBe('probing');
    const last = request(500, topicText(20, 500));
    await clock.advance(10_000);
    await last;
    expect(ended.at(-1)).toMatchObject({ how: 'ok', tried: ['b'] });

    // Nothing is left open.
    expect(members.map(({ running }) => running)).toEqual([0, 0, 0]);
    expect(pool.status()).toMatchObject(
      ['a', 'b', 'c'].map((name) => ({ name, state: 'up', running: 0, outstandingTokens: 0 })),
    );
    expect([pool.waiting, pool.capacity, queue.busy, queue.queued]).toEqual([0, 12, 0, 0]);
    pool.close();
    expect(clock.sleepers).toBe(0);
  }, 30_000);

  it('tells all of them soon when every upstream has died', async () => {
    const { clock, members, pool, queue, ended, request } = await openFleet();
    const all = Promise.all(Array.from({ length: 500 }, (_, number) => request(number, topicText(number, number))));
    await clock.advance(200);
    for (const member of members) member.kill();
    const killedAt = clock.now();
    await clock.advance(15_000);
    await all;
    expect(ended.length).toBe(500);
    expect(new Set(ended.map(({ how }) => how))).toEqual(new Set(['broken', 'upstream-failed']));
    expect(Math.max(...ended.map(({ at }) => at)) - killedAt).toBeLessThanOrEqual(11_000);
    expect([queue.busy, queue.queued, pool.waiting, pool.capacity]).toEqual([0, 0, 0, 0]);
    pool.close();
    expect(clock.sleepers).toBe(0);
  }, 30_000);
});

/** Share of the prompts' tokens that upstreams have cached while chats of 12 turns go on, and who served how many. */
async function chat(chats: number, affinity: boolean) {
  const { clock, members, pool, ended, request } = await openFleet({ affinity });
  const all = Promise.all(
    Array.from({ length: chats }, async (_, one) => {
      let text = `chat ${one}: `.repeat(40);
      for (let turn = 0; turn < 12; turn++) {
        await request(100 * one + turn, text);
        text += `${one} says ${turn}; `.repeat(20);
        // People think for as long as they like.
        await clock.sleep(200 + 37 * ((one * 7 + turn * 3) % 11));
      }
    }),
  );
  await clock.advance(120_000);
  await all;
  pool.close();
  expect(ended.filter(({ how }) => how === 'ok').length).toBe(12 * chats);
  const read = members.reduce((sum, { tokensRead }) => sum + tokensRead, 0);
  const cached = members.reduce((sum, { tokensCached }) => sum + tokensCached, 0);
  return { cached: cached / (read + cached), served: members.map(({ served }) => served) };
}

it('has chats read little but their new messages while places are free, and spreads them evenly', async () => {
  const { cached, served } = await chat(12, true);
  const blind = await chat(12, false);
  // 85 % is what there is to save: each turn adds to the prompt what nobody has read.
  expect(cached).toBeGreaterThan(0.84);
  expect(blind.cached).toBeLessThan(0.65);
  for (const one of served) expect(one).toBeGreaterThanOrEqual(40);
}, 30_000);
