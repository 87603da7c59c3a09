import type { Socket } from 'node:net';

import { WebSocket } from 'ws';

import { ConnectionPace } from '../../generations/connection/connection-pace.ts';

type Data = Parameters<WebSocket['send']>[0];
type SendOptions = Parameters<WebSocket['send']>[1];
type Sent = (error?: Error) => void;

/** Bytes that may wait for a client. Streams leave far less (`ConnectionPace`); responses to calls make up the rest. */
const maxBufferedBytes = 1024 * 1024;

/** A server's socket that closes when more than 1 MiB waits for a client that does not read. */
export class BoundedSocket extends WebSocket {
  override send(data: Data, sent?: Sent): void;
  override send(data: Data, options: SendOptions, sent?: Sent): void;
  override send(data: Data, ...rest: unknown[]): void {
    super.send(data, ...(rest as [SendOptions, Sent?]));
    if (this.bufferedAmount > maxBufferedBytes) closeSlow(this);
  }
}

/** The pace of a socket's streams. It closes the socket when the client takes nothing for `slowConsumerMs`. */
export function paceSocket(client: WebSocket, socket: Socket, slowConsumerMs: number | undefined): ConnectionPace {
  return new ConnectionPace(socket, {
    isOpen: () => client.readyState === WebSocket.OPEN,
    slowConsumerMs,
    onSlow: () => closeSlow(client),
  });
}

/** Sends nothing more. `ws` destroys the socket if the client does not answer the close frame. */
function closeSlow(client: WebSocket): void {
  client.close(1013, 'slow-consumer');
}
