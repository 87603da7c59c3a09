// The gateway's process: a gateway on the scripted engine that reports its cost on request.
import type { Socket } from 'node:net';
import { subscribe } from 'node:diagnostics_channel';
import { monitorEventLoopDelay } from 'node:perf_hooks';

import { createEngine, scripted, type Backend } from '@headway/engine';
import { startGateway } from '@headway/gateway';

import type { GatewayCost, ServeCommand, ServeMessage } from './messages.ts';
import { stamped, Steps } from './stamped-backend.ts';

/** Slots per model: the most that an engine opens. */
const slots = 64;
const [models, tokensPerSecond, longBytes] = process.argv.slice(2).map(Number) as [number, number, number];

const sockets = new Set<Socket>();
subscribe('net.server.socket', (message) => {
  const { socket } = message as { socket: Socket };
  sockets.add(socket);
  socket.once('close', () => sockets.delete(socket));
});

const padding = 'x'.repeat(longBytes);
const steps = new Steps(1000 / tokensPerSecond);
const backend = (at: number): Backend =>
  stamped(
    scripted({
      modelId: `scripted-${at}`,
      contextSize: 1_000_000,
      script: { reply: 'word' },
    }),
    { steps, padding: (prompt) => (prompt === 'long' ? padding : '') },
  );
const [first, ...others] = Array.from({ length: models }, (_, at) => backend(at)) as [Backend, ...Backend[]];
const engine = await createEngine({ backend: [first, ...others], parallel: slots });
const gateway = await startGateway({
  engine,
  port: 0,
  limits: {
    generations: 100_000,
    subscriptions: 100_000,
    connectionsEach: 100_000,
    connections: 100_000,
    requests: 1e9,
  },
});

const delay = monitorEventLoopDelay({ resolution: 5 });
let most = { rss: 0, heapUsed: 0, buffers: 0, waiting: 0 };
let from = { cpu: process.cpuUsage(), at: performance.now(), rss: process.memoryUsage.rss() };

const sampler = setInterval(() => {
  const { rss, heapUsed, external, arrayBuffers } = process.memoryUsage();
  most = {
    rss: Math.max(most.rss, rss),
    heapUsed: Math.max(most.heapUsed, heapUsed),
    buffers: Math.max(most.buffers, external + arrayBuffers),
    waiting: Math.max(most.waiting, ...[...sockets].map(({ writableLength }) => writableLength)),
  };
}, 250);

function cost(): GatewayCost {
  const { user, system } = process.cpuUsage(from.cpu);
  const mib = (bytes: number) => bytes / 1024 / 1024;
  return {
    cpu: (user + system) / 1000 / (performance.now() - from.at),
    cpuMs: (user + system) / 1000,
    rssMiB: mib(most.rss),
    grownMiB: mib(most.rss - from.rss),
    heapMiB: mib(most.heapUsed),
    buffersMiB: mib(most.buffers),
    mostWaiting: most.waiting,
    worstPauseMs: delay.max / 1e6,
  };
}

const send = (message: ServeMessage) => process.send?.(message);
process.on('message', ({ kind }: ServeCommand) => {
  switch (kind) {
    case 'watch':
      most = { rss: 0, heapUsed: 0, buffers: 0, waiting: 0 };
      from = { cpu: process.cpuUsage(), at: performance.now(), rss: process.memoryUsage.rss() };
      delay.reset();
      delay.enable();
      return;
    case 'report':
      send({ kind: 'report', ...cost() });
      return;
    case 'close':
      clearInterval(sampler);
      void gateway.close().then(async () => {
        await engine.close();
        process.disconnect();
      });
      return;
    default:
      kind satisfies never;
  }
});
send({ kind: 'listening', url: gateway.url });
