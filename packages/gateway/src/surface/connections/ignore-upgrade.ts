import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';

const dropped: ReadonlySet<string> = new Set(['connection', 'upgrade', 'http2-settings']);

/**
 * Answers a request as if it had asked for no upgrade, which a server may always do (RFC 9110, 7.8): Java's client, for
 * one, offers HTTP/2 in its first request. Node has taken the request's connection out of its hands by then, so it is
 * given back with the request as its first bytes, and closed after its answer: once is what Node lets it be given back.
 */
export function ignoreUpgrade(server: Server, { request, socket, head }: Upgrade): void {
  socket.unshift(Buffer.concat([Buffer.from(headWithoutUpgrade(request), 'latin1'), head]));
  server.emit('connection', socket);
}

export interface Upgrade {
  request: IncomingMessage;
  socket: Duplex;
  /** What came behind the request's head. */
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
