import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Times between the writes to a client that has ended its side, in ms; the last one holds from then on. */
const probeAfterMs = [10, 40, 160, 640, 1000] as const;

/**
 * Answers clients that end their side of the connection behind a request. By that alone nobody can tell them from those
 * that are gone: both send a FIN. But who is gone refuses the first bytes that come (RFC 9293, section 3.6.1), and the
 * bytes after those fail. So the client is written to at once and now and then, until it has its answer: a comment where
 * events are streamed, an interim response (102, RFC 2518, section 10.1) before a body. Of HTTP/1.0, which has none, a
 * client without a stream has hung up.
 */
export function answerHalfClosed(server: Server): void {
  // An old switch of Node's that its documentation does not name. Without it Node destroys the connection.
  Object.assign(server, { httpAllowHalfOpen: true });
  const open = new WeakMap<Socket, Set<() => void>>();
  server.on('connection', (socket: Socket) => {
    const probes = new Set<() => void>();
    open.set(socket, probes);
    socket.once('end', () => probes.forEach((probe) => probe()));
  });
  // Before whoever answers, who may do it at once.
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

/** Writes what no client takes for a part of its answer; false: there is nothing that could be written. */
function probeClient(response: ServerResponse): boolean {
  if (response.headersSent) {
    // What is no stream of events is on its way, and whoever is gone refuses it.
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
