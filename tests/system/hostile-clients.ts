import { fork } from 'node:child_process';
import { once } from 'node:events';

import type { HostileCounts, HostileOrder } from './hostile-process.ts';

/** Runs attackers in another process until `stop`, which returns how often each attack ran. */
export async function startHostileClients(
  order: HostileOrder,
): Promise<Disposable & { stop: () => Promise<HostileCounts> }> {
  const child = fork(new URL('./hostile-process.ts', import.meta.url), {
    execArgv: ['--import', import.meta.resolve('tsx')],
  });
  await once(child, 'spawn');
  child.send(order);
  return {
    async stop() {
      const counts = once(child, 'message') as Promise<[HostileCounts]>;
      child.send('stop');
      return (await counts)[0];
    },
    [Symbol.dispose]: () => void child.kill(),
  };
}
