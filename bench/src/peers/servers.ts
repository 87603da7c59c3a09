import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { startPeer, type Peer } from './peer.ts';

export interface ServerOptions {
  model: string;
  threads: number;
  /** Requests that it works on at once. */
  slots: number;
  /** Context of one slot, in tokens. */
  context: number;
  /** More flags, as a user would type them. */
  flags: readonly string[];
}

/** llama-server with its defaults, except for what is the same for both. `-c` is the context of all slots together. */
export async function startLlamaServer(program: string, options: ServerOptions): Promise<Peer> {
  const { model, threads, slots, context, flags } = options;
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const sizes = ['-t', threads, '-np', slots, '-c', slots * context, '--port', port].map(String);
  return startPeer({
    name: 'llama-server',
    command: program,
    args: ['-m', model, '--host', '127.0.0.1', ...sizes, ...flags],
    ready: async () => {
      while (!(await isHealthy(url))) await pause(50);
      return url;
    },
  });
}

/** The built CLI's `serve`, as a user starts it. */
export async function startHeadway(options: ServerOptions): Promise<Peer> {
  const { model, threads, slots, context, flags } = options;
  const main = fileURLToPath(new URL('../../../packages/cli/dist/main.js', import.meta.url));
  const sizes = ['--threads', threads, '--parallel', slots, '--ctx', context, '--port', 0, '--drain', 0].map(String);
  return startPeer({
    name: 'headway',
    command: process.execPath,
    args: [main, 'serve', '--model', model, ...sizes, ...flags],
    ready: async ({ stdout }) => {
      if (!stdout) throw new Error('headway serve: its output is not readable');
      const [url] = (await once(createInterface(stdout), 'line')) as [string];
      while (!(await isOk(`${url}/readyz`))) await pause(50);
      return url;
    },
  });
}

/** The binary of llama.cpp that a Headway runs its model on: `built` or `prebuilt`. */
export async function binaryOf(url: string): Promise<string> {
  const response = await fetch(`${url}/trpc/status`);
  const { result } = (await response.json()) as { result: { data: { models: { binary?: string }[] } } };
  return result.data.models[0]?.binary ?? 'unknown';
}

const isHealthy = (url: string) => isOk(`${url}/health`);

const isOk = (url: string) =>
  fetch(url).then(
    ({ ok }) => ok,
    () => false,
  );

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
