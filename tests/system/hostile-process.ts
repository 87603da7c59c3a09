import { once, setMaxListeners } from 'node:events';

import { attacks, type Pick, type Target } from './hostile-attacks.ts';

/** What the process of the attackers is told: whom, as whom, how many at once, and by which random numbers. */
export interface HostileOrder {
  url: string;
  key: string;
  clients: number;
  seed: number;
}

/** How often each was made, by its name. */
export type HostileCounts = Record<string, number>;

// The attackers have a process of their own, so that what they cost is not in what another one measures.
const [order] = (await once(process, 'message')) as [HostileOrder];
const stop = new AbortController();
setMaxListeners(0, stop.signal);
process.once('message', () => stop.abort());
process.once('disconnect', () => process.exit());

const made: HostileCounts = {};
const target: Target = { url: order.url, key: order.key, signal: stop.signal };
await Promise.all(Array.from({ length: order.clients }, (_, at) => attack(at, seeded(order.seed + at))));
process.send?.(made, () => process.exit());

/** One attack after the other, at random after the first, until it is enough. */
async function attack(first: number, pick: Pick): Promise<void> {
  const names = Object.keys(attacks);
  for (let at = first; !stop.signal.aborted; at = pick(names.length)) {
    const name = names[at % names.length] ?? '';
    made[name] = (made[name] ?? 0) + 1;
    await attacks[name]?.(target, pick);
    // Whoever is refused at once tries at once again, twenty times a second.
    const pause = AbortSignal.any([stop.signal, AbortSignal.timeout(50)]);
    if (!pause.aborted) await once(pause, 'abort');
  }
}

/** Numbers from 0 up to `below`, the same for the same seed (Lehmer, 48271). */
function seeded(seed: number): Pick {
  let state = (seed % (2 ** 31 - 2)) + 1;
  return (below) => (state = (state * 48_271) % (2 ** 31 - 1)) % below;
}
