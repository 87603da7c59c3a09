import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';

const dropped: ReadonlySet<string> = new Set(['connection', 'upgrade', 'http2-settings']);

/**
 * Answers a request as if it had not asked for an upgrade, which a server may always do (RFC 9110, 7.8): Java's client,
 * for one, offers HTTP/2 in its first request. By then Node has detached the connection from its HTTP server. This
 * hands the connection back with the request as its first bytes, and closes it after the answer: Node accepts it back
 * only once.
 */
export function ignoreUpgrade(server: Server, { request, socket, head }: Upgrade): void {
  socket.unshift(Buffer.concat([Buffer.from(headWithoutUpgrade(request), 'latin1'), head]));
  server.emit('connection', socket);
}

export interface Upgrade {
  request: IncomingMessage;
  socket: Duplex;
  /** The bytes after the request's head. */
  head: Buffer;
}

function headWithoutUpgrade({ method, url, httpVersion, rawHeaders }: IncomingMessage): string {
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const [name = '', value = ''] = rawHeaders.slice(at, at + 2);
    if (!dropped.has(name.toLowerCase())) lines.push(`${name}: ${value}`);
  }
  return `${lines.join('\r\n')}\r\nConnection: close\r\n\r\n`;
}
