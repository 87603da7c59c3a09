import { once, setMaxListeners } from 'node:events';

import { attacks, type Pick, type Target } from './hostile-attacks.ts';

/** The arguments of the attackers' process: the target, the key, the number of attackers, and the seed. */
export interface HostileOrder {
  url: string;
  key: string;
  clients: number;
  seed: number;
}

/** How often each attack ran, by name. */
export type HostileCounts = Record<string, number>;

// The attackers run in their own process, so that their cost does not distort the measurements.
const [order] = (await once(process, 'message')) as [HostileOrder];
const stop = new AbortController();
setMaxListeners(0, stop.signal);
process.once('message', () => stop.abort());
process.once('disconnect', () => process.exit());

const made: HostileCounts = {};
const target: Target = { url: order.url, key: order.key, signal: stop.signal };
await Promise.all(Array.from({ length: order.clients }, (_, at) => attack(at, seeded(order.seed + at))));
process.send?.(made, () => process.exit());

/** Runs one attack after another until the signal aborts, at random after the first. */
async function attack(first: number, pick: Pick): Promise<void> {
  const names = Object.keys(attacks);
  for (let at = first; !stop.signal.aborted; at = pick(names.length)) {
    const name = names[at % names.length] ?? '';
    made[name] = (made[name] ?? 0) + 1;
    await attacks[name]?.(target, pick);
    // A refused attacker tries again at once, twenty times a second.
    const pause = AbortSignal.any([stop.signal, AbortSignal.timeout(50)]);
    if (!pause.aborted) await once(pause, 'abort');
  }
}

/** Numbers from 0 up to `below`, the same for the same seed (Lehmer, 48271). */
function seeded(seed: number): Pick {
  let state = (seed % (2 ** 31 - 2)) + 1;
  return (below) => (state = (state * 48_271) % (2 ** 31 - 1)) % below;
}
