import { expect, test } from 'vitest';

import { judge, watchTimes, type Watched } from './socket-watch.ts';

const fine: Watched = { ageMs: 600_000, quietMs: 0, idleMs: 0, spoke: true, asked: false };
const of = (state: Partial<Watched>) => judge({ ...fine, ...state }, watchTimes);

test.each<[string, Partial<Watched>, ReturnType<typeof judge>]>([
  ['one that talks', {}, 'leave'],
  ['one that was just opened', { ageMs: 0, spoke: false }, 'leave'],
  ['one that has said nothing for nearly 10 s', { ageMs: 9000, quietMs: 9000, spoke: false }, 'leave'],
  ['one that has said nothing for 10 s', { ageMs: 10_000, quietMs: 10_000, spoke: false }, 'silent'],
  ['one whose first message is long on its way', { ageMs: 59_000, quietMs: 0, spoke: false }, 'leave'],
  ['one that sends its first message a byte at a time', { ageMs: 60_000, quietMs: 1000, spoke: false }, 'silent'],
  ['one that is quiet', { quietMs: 29_000 }, 'leave'],
  ['one that is quiet for long', { quietMs: 30_000 }, 'ask'],
  ['one that was asked', { quietMs: 45_000, asked: true }, 'leave'],
  ['one that does not answer', { quietMs: 60_000, asked: true }, 'gone'],
  ['one that answers and asks nothing', { idleMs: 899_000 }, 'leave'],
  ['one that answers and asks nothing for a quarter of an hour', { idleMs: 900_000 }, 'idle'],
])('%s', (_what, state, verdict) => expect(of(state)).toBe(verdict));
