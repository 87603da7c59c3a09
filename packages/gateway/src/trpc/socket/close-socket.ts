import type { WebSocket } from 'ws';

/** Time that a client has to answer the close frame, in ms. `ws` itself would wait for 30 s. */
const closeTimeoutMs = 1000;

/** Closes a socket with a reason, and cuts the connection of a client that does not answer the close frame in time. */
export function closeSocket(client: WebSocket, code: number, reason: string): void {
  client.close(code, reason);
  const late = setTimeout(() => client.terminate(), closeTimeoutMs);
  client.once('close', () => clearTimeout(late));
}
