import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { startPeer, type Peer } from '../peers/peer.ts';

const pathOf = (file: string) => fileURLToPath(new URL(file, import.meta.url));

export function startStampedUpstream(): Promise<Peer> {
  return startPeer({
    name: 'upstream',
    command: process.execPath,
    args: [pathOf('./stamped-upstream.js')],
    ready: async ({ stdout }) => firstLine(stdout),
  });
}

/** `headway serve` in front of an upstream, as a user starts it. `nodeFlags`: such as `--cpu-prof`. */
export async function startHop(upstream: string, concurrency: number, nodeFlags: readonly string[]): Promise<Peer> {
  const main = pathOf('../../../packages/cli/dist/main.js');
  const flags = ['--upstream', `${upstream}/v1`, '--upstream-concurrency', String(concurrency)];
  const limits = ['--limit', 'generations=1000'];
  return startPeer({
    name: 'headway',
    command: process.execPath,
    args: [
      ...nodeFlags,
      main,
      'serve',
      ...flags,
      ...limits,
      '--no-config',
      '--port',
      '0',
      '--drain',
      '0',
      '--log-level',
      'error',
    ],
    ready: async ({ stdout }) => {
      const url = await firstLine(stdout);
      while (!(await fetch(`${url}/readyz`)).ok) await pause(50);
      return url;
    },
  });
}

async function firstLine(stdout: NodeJS.ReadableStream | null): Promise<string> {
  if (!stdout) throw new Error('the output is not readable');
  const [line] = (await once(createInterface(stdout), 'line')) as [string];
  return line;
}
