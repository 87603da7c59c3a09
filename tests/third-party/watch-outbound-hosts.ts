import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';

const here = new Set(['127.0.0.1', '::1', 'localhost']);

/** Records the hosts other than this machine that this process tries to reach from now on, by name or address. */
export function watchOutboundHosts(): Disposable & { outboundHosts: readonly string[] } {
  const outboundHosts: string[] = [];
  const note = (host: string) => {
    if (!here.has(host)) outboundHosts.push(host);
  };
  const onSocket = (message: unknown) => {
    const { socket } = message as { socket: Socket };
    socket.on('lookup', (_error, _address, _family, host) => note(host));
    socket.on('connectionAttempt', (ip: string) => note(ip));
  };
  subscribe('net.client.socket', onSocket);
  return { outboundHosts, [Symbol.dispose]: () => void unsubscribe('net.client.socket', onSocket) };
}
