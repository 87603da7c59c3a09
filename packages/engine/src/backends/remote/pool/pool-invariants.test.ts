import { HeadwayError } from '@headway/protocol';
import fc from 'fast-check';
import { expect, it } from 'vitest';

import { createVirtualClock } from '../../scripted/virtual-clock.ts';
import { connectionRefused, FakeMember } from './fake-member.fixture.ts';
import type { Place, PlaceOutcome } from './pool-member.ts';
import { UpstreamPool } from './upstream-pool.ts';

/** What happened to a request that asked for a place. */
interface Asked {
  places: number;
  tokens: number;
  abort: AbortController;
  avoid: Set<FakeMember>;
  place: Place<FakeMember> | null;
  refused: unknown;
  read: boolean;
  ended: boolean;
}

const failed = new HeadwayError('upstream-failed', 'the stream broke off');
const outcome = fc.constantFrom<PlaceOutcome>(
  { ok: true },
  { failed },
  { failed, retryAfterMs: 700 },
  { failed, retryAfterMs: 90_000 },
  { cancelled: true },
  { refused: true },
);
const pick = fc.nat({ max: 11 });

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      does: fc.constant('place' as const),
      tokens: fc.nat({ max: 500 }),
      blocks: fc.constantFrom([], [1], [1, 2], [1, 2, 3], [8, 9]),
      places: fc.constantFrom(1, 1, 1, 2, 3),
      avoid: fc.array(pick, { maxLength: 2 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ does: fc.constant('read' as const), which: pick }) },
  { weight: 5, arbitrary: fc.record({ does: fc.constant('end' as const), which: pick, outcome }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('abort' as const), which: pick }) },
  {
    weight: 2,
    arbitrary: fc.record({
      does: fc.constant('health' as const),
      which: pick,
      health: fc.constantFrom<FakeMember['health']>('answers', 'hangs', connectionRefused()),
    }),
  },
  { weight: 1, arbitrary: fc.record({ does: fc.constantFrom('drain' as const, 'resume' as const), which: pick }) },
  {
    weight: 3,
    arbitrary: fc.record({ does: fc.constant('pass' as const), ms: fc.constantFrom(1, 900, 5_000, 12_000, 40_000) }),
  },
);

const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);

it('keeps its accounts over any sequence of requests and troubles, and answers everyone in the end', async () => {
  let [granted, waited, refused] = [0, 0, 0];
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 4 }),
      fc.array(step, { maxLength: 50, size: 'max' }),
      async (concurrencies, steps) => {
        const clock = createVirtualClock();
        const [first, ...others] = concurrencies.map((places, at) => new FakeMember(`m${at}`, places));
        if (!first) return;
        const members = [first, ...others];
        const pool = new UpstreamPool<FakeMember>([first, ...others], { clock });
        const asked: Asked[] = [];
        const at = <One>(list: readonly One[], index: number): One | undefined => list[index % list.length];
        const holding = () => asked.filter(({ place, ended }) => place && !ended);

        const check = () => {
          const status = pool.status();
          for (const [index, { running, concurrency, outstandingTokens }] of status.entries()) {
            const here = holding().filter(({ place }) => place?.member === members[index]);
            expect(running).toBe(sum(here.map(({ places }) => places)));
            expect(running).toBeLessThanOrEqual(concurrency);
            const unread = sum(here.map(({ read, tokens }) => (read ? 0 : tokens)));
            expect(outstandingTokens).toBeGreaterThanOrEqual(0);
            expect(outstandingTokens).toBeLessThanOrEqual(unread);
          }
          const waiting = asked.filter(({ place, refused }) => !place && refused === undefined);
          expect(pool.waiting).toBe(waiting.length);
          waited += waiting.length;
          // The first in the line waits only if no upstream that is up has room for it.
          const [head] = waiting;
          const room = status.filter(
            ({ state, running, concurrency }, index) =>
              head &&
              state === 'up' &&
              running + head.places <= concurrency &&
              !head.avoid.has(members[index] ?? first),
          );
          expect(room).toEqual([]);
          expect(pool.capacity).toBeGreaterThanOrEqual(sum(status.map(({ running }) => running)));
          expect(pool.capacity).toBeLessThanOrEqual(sum(concurrencies));
        };

        const end = (one: Asked | undefined, how: PlaceOutcome) => {
          one?.place?.end(how);
          if (one?.place) one.ended = true;
        };

        for (const one of steps) {
          switch (one.does) {
            case 'place': {
              const avoid = new Set(one.avoid.flatMap((index) => at([...members, null], index) ?? []));
              const { tokens, blocks, places } = one;
              const abort = new AbortController();
              const entry: Asked = {
                places,
                tokens,
                abort,
                avoid,
                place: null,
                refused: undefined,
                read: false,
                ended: false,
              };
              asked.push(entry);
              pool.place({ tokens, blocks, places, avoid, signal: abort.signal }).then(
                (place) => (entry.place = place),
                (thrown: unknown) => (entry.refused = thrown),
              );
              break;
            }
            case 'read': {
              const reader = at(holding(), one.which);
              reader?.place?.read();
              if (reader) reader.read = true;
              break;
            }
            case 'end':
              end(at(holding(), one.which), one.outcome);
              // A second end changes nothing.
              at(asked, one.which)?.place?.end({ ok: true });
              if (at(asked, one.which)?.place) (at(asked, one.which) as Asked).ended = true;
              break;
            case 'abort':
              at(asked, one.which)?.abort.abort('aborted');
              break;
            case 'health': {
              const member = at(members, one.which);
              if (member) member.health = one.health;
              break;
            }
            case 'drain':
              pool.drain(at(members, one.which)?.name ?? '').catch(() => undefined);
              break;
            case 'resume':
              pool.resume(at(members, one.which)?.name ?? '');
              break;
            case 'pass':
              await clock.advance(one.ms);
              break;
            default:
              one satisfies never;
          }
          await clock.advance(0);
          check();
        }

        for (const member of members) {
          member.health = 'answers';
          pool.resume(member.name);
        }
        await clock.advance(0);
        const open = () =>
          pool.waiting + holding().length + pool.status().filter(({ state }) => state === 'down').length;
        for (let round = 0; open() > 0 && round < asked.length + 20; round++) {
          for (const one of holding()) end(one, { ok: true });
          await clock.advance(5_000);
          check();
        }
        expect(asked.filter(({ place, refused }) => !place && refused === undefined)).toEqual([]);
        expect(pool.status().map(({ state }) => state)).not.toContain('down');
        pool.close();
        await clock.advance(0);
        expect(pool.status().map(({ running, outstandingTokens }) => running + outstandingTokens)).toEqual(
          members.map(() => 0),
        );
        expect([clock.sleepers, sum(members.map(({ checking }) => checking))]).toEqual([0, 0]);
        granted += asked.filter(({ place }) => place).length;
        refused += asked.filter(({ refused }) => refused !== undefined).length;
      },
    ),
  );
  // The sequences do lead to all of these.
  expect(Math.min(granted, waited, refused)).toBeGreaterThan(50);
}, 30_000);
