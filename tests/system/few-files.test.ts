import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';

import { expect, test } from 'vitest';

import { headwayWithFiles, startServeWithFiles } from './serve-process.ts';

/** Runs headway with a limit of open files. */
function limited(files: number, ...args: string[]) {
  const [shell, ...rest] = headwayWithFiles(files);
  return spawn(shell, [...rest, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
}

test.each(['serve', 'run', '--version'])(
  'headway %s reports a limit of open files that is too low, and how many files it needs',
  { timeout: 60_000 },
  async (command) => {
    const child = limited(64, command);
    const said = text(child.stderr);
    const [code] = (await once(child, 'close')) as [number];
    expect([code, await said]).toEqual([
      1,
      expect.stringMatching(/^headway: this process may open 64 files, 192 too few: [^\n]*ulimit -n[^\n]*\n$/),
    ]);
  },
);

test(
  'headway serve near its limit of open files refuses connections, and can restart its engine',
  { timeout: 120_000 },
  async () => {
    await using served = await startServeWithFiles(256, '--parallel', '1', '--ctx', '256');
    const { hostname, port } = new URL(served.url);
    const sockets: Socket[] = [];
    let closed = 0;
    for (let at = 0; at < 400; at++) {
      const socket = connect(Number(port), hostname).on('error', () => undefined);
      sockets.push(socket.resume());
      socket.once('close', () => closed++);
    }
    await expect.poll(() => closed, { timeout: 30_000 }).toBeGreaterThan(200);
    const openFiles = () => readdirSync(`/proc/${served.pid}/fd`).length;
    expect(openFiles()).toBeLessThan(256);
    const [engine] = served.enginePids();
    if (engine === undefined) throw new Error('the gateway has no engine');
    process.kill(engine, 'SIGKILL');
    await expect.poll(() => served.enginePids().filter((pid) => pid !== engine), { timeout: 30_000 }).toHaveLength(1);
    for (const socket of sockets) socket.destroy();
    const ready = async () => (await fetch(`${served.url}/readyz`).catch(() => null))?.status;
    await expect.poll(ready, { timeout: 60_000 }).toBe(200);
  },
);
