import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Times between the probes of a half-closed connection, in ms. The last one repeats. */
const probeAfterMs = [10, 40, 160, 640, 1000] as const;

/**
 * Answers clients that close their side of the connection after a request. Such a client and one that is gone look alike,
 * because both send a FIN. But the system of a client that is gone resets the connection at the first byte it receives
 * (RFC 9293, section 3.6.1), and later writes fail. So the gateway probes a half-closed connection with small writes until
 * the response is complete: an SSE comment within a stream of events, an interim response (102, RFC 2518, section 10.1)
 * before a body. HTTP/1.0 has no interim responses, so that its half-closed connections are closed before a body.
 */
export function serveHalfClosedConnections(server: Server): void {
  // An undocumented property of Node's server. Without it, Node destroys a half-closed connection.
  Object.assign(server, { httpAllowHalfOpen: true });
  const open = new WeakMap<Socket, Set<() => void>>();
  server.on('connection', (socket: Socket) => {
    const probes = new Set<() => void>();
    open.set(socket, probes);
    socket.once('end', () => probes.forEach((probe) => probe()));
  });
  // First of the listeners, because another one may answer at once.
  server.prependListener('request', ({ socket }, response: ServerResponse) => {
    let probing: NodeJS.Timeout | undefined;
    let probes = 0;
    const probe = () => {
      if (response.writableEnded) return;
      if (!probeClient(response)) {
        response.destroy();
        return;
      }
      probing = setTimeout(probe, probeAfterMs[probes++] ?? probeAfterMs.at(-1)).unref();
    };
    open.get(socket)?.add(probe);
    response.once('close', () => {
      open.get(socket)?.delete(probe);
      clearTimeout(probing);
    });
  });
}

/** Writes bytes that clients ignore. False when the protocol has no such bytes. */
function probeClient(response: ServerResponse): boolean {
  if (response.headersSent) {
    // Any other body is being written already, and its own bytes are the probe.
    if (isEventStream(response) && !response.writableNeedDrain) response.write(': keep-alive\n');
    return true;
  }
  if (response.req.httpVersionMinor === 0) return false;
  response.writeProcessing();
  return true;
}

function isEventStream(response: ServerResponse): boolean {
  return String(response.getHeader('content-type')).startsWith('text/event-stream');
}
