import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

import { upgradeRequest } from './raw-websocket.ts';

/** Local addresses of the sockets. Each address has its own limits, 512 connections among them. */
export const crowdAddresses = 4;

export interface Crowd {
  sockets: Socket[];
}

/**
 * Opens so many sockets, spread over the addresses of this machine, and sends each the same bytes. Nothing is read unless
 * a socket is resumed.
 */
export async function openCrowd(url: string, size: number, greeting: string | Buffer = ''): Promise<Crowd> {
  const crowd: Crowd = { sockets: [] };
  // A few at a time, because a server's accept queue has 511 places.
  for (let at = 0; at < size; at += 100) {
    const few = Array.from({ length: Math.min(100, size - at) }, (_, index) => open(url, crowd, at + index));
    for (const socket of few) {
      if (socket.connecting) await once(socket, 'connect');
      if (greeting.length > 0) socket.write(greeting);
    }
  }
  return crowd;
}

function open(url: string, crowd: Crowd, index: number): Socket {
  const { hostname, port } = new URL(url);
  const socket = connect({
    host: hostname,
    port: Number(port),
    localAddress: `127.0.0.${2 + (index % crowdAddresses)}`,
  });
  socket.setNoDelay();
  socket.pause();
  socket.on('error', () => undefined);
  crowd.sockets.push(socket);
  return socket;
}

/** Upgrades each socket to a WebSocket, and reads nothing after the response. */
export async function openSocketCrowd(url: string, size: number): Promise<Crowd> {
  const crowd = await openCrowd(url, size, upgradeRequest(url));
  await Promise.all(
    crowd.sockets.map(async (socket) => {
      socket.resume();
      const [answer] = (await once(socket, 'data')) as [Buffer];
      socket.pause();
      if (!answer.toString().startsWith('HTTP/1.1 101')) throw new Error(`no upgrade: ${answer.toString()}`);
    }),
  );
  return crowd;
}

export function disperse({ sockets }: Crowd): void {
  for (const socket of sockets) socket.destroy();
}
