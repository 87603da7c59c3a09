import type { Socket } from 'node:net';
import { subscribe } from 'node:diagnostics_channel';
import { monitorEventLoopDelay } from 'node:perf_hooks';

import type { GatewayCost, ServeCommand, ServeMessage } from './messages.ts';

/** Reports this process's URL to its parent, and its cost on request. `close` stops the server. */
export function reportCost(url: string, close: () => Promise<void>): void {
  const sockets = new Set<Socket>();
  subscribe('net.server.socket', (message) => {
    const { socket } = message as { socket: Socket };
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });

  const delay = monitorEventLoopDelay({ resolution: 5 });
  let most = { rss: 0, heapUsed: 0, buffers: 0, waiting: 0 };
  let from = { cpu: process.cpuUsage(), at: performance.now() };
  let rssBefore = process.memoryUsage.rss();

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
      grownMiB: mib(most.rss - rssBefore),
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
        rssBefore = process.memoryUsage.rss();
        delay.reset();
        delay.enable();
        return;
      case 'mark':
        from = { cpu: process.cpuUsage(), at: performance.now() };
        return;
      case 'report':
        send({ kind: 'report', ...cost() });
        return;
      case 'close':
        clearInterval(sampler);
        void close().then(() => process.disconnect());
        return;
      default:
        kind satisfies never;
    }
  });
  send({ kind: 'listening', url });
}
