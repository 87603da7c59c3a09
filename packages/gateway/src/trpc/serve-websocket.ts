import type { IncomingMessage, Server } from 'node:http';

import type { Engine } from '@headway/engine';
import { HeadwayError, maxBodyBytes } from '@headway/protocol';
import { getWSConnectionHandler } from '@trpc/server/adapters/ws';
import type { FastifyBaseLogger } from 'fastify';
import { WebSocketServer } from 'ws';

import { errorBody } from '../http/error-replies.ts';
import { endWithJson } from '../http/raw-reply.ts';
import { anyone } from '../access/caller.ts';
import { callerOf, type CallContext } from './call-context.ts';
import { ConnectionPace } from './connection-pace.ts';
import { gatewayRoot } from './gateway-root.ts';
import { createHeadwayRouter, type HeadwayRouterOptions } from './headway-router.ts';

/** A quiet client is asked after this long whether it is still there … */
const pingMs = 30_000;
/** … and given up when it says nothing for so long. Generous: a browser tab in the background is slow. */
const pongWaitMs = 20_000;

export interface TrpcSocketsOptions extends Pick<HeadwayRouterOptions, 'version'> {
  server: Server;
  engine: Engine;
  /** Why an upgrade is refused; null lets it pass. */
  check: (request: IncomingMessage) => HeadwayError | null;
  log: FastifyBaseLogger;
}

export interface TrpcSockets {
  /** Says goodbye to all clients; resolves when their sockets are closed, by force once `late` resolves. */
  close(late: Promise<void>): Promise<void>;
}

/** tRPC over WebSocket, at `/trpc` of a server. */
export function serveTrpcSockets({ server, engine, check, log, version }: TrpcSocketsOptions): TrpcSockets {
  const headway = createHeadwayRouter(engine, {
    version,
    caller: callerOf,
    drained: ({ pace }: CallContext, signal) => pace?.drained(signal),
  });
  const sockets = new WebSocketServer({ noServer: true, maxPayload: maxBodyBytes });
  sockets.on(
    'connection',
    getWSConnectionHandler({
      wss: sockets,
      router: gatewayRoot.router(headway._def.record),
      createContext: ({ req }): CallContext => ({ identify: () => anyone, pace: new ConnectionPace(req.socket) }),
      keepAlive: { enabled: true, pingMs, pongWaitMs },
      onError: ({ error, path }) => {
        // What has no path is a client that broke the protocol.
        if (path !== undefined && error.code === 'INTERNAL_SERVER_ERROR')
          log.error({ err: error, path }, 'a call failed');
        else log.debug({ path, code: error.code }, 'a call was refused');
      },
    }),
  );
  sockets.on('wsClientError', (error, socket, request) => {
    const refusal = new HeadwayError('invalid-request', `this is no WebSocket handshake: ${error.message}`);
    endWithJson(socket, '400 Bad Request', errorBody(request.url ?? '', refusal, 400));
  });
  server.on('upgrade', (request, socket, head) => {
    // Nobody else listens to this socket yet, and a client may well reset it.
    const onError = () => socket.destroy();
    socket.on('error', onError);
    const refusal = refuseUpgrade(request, check);
    if (refusal) {
      const { status, error } = refusal;
      return endWithJson(socket, status, errorBody(request.url ?? '', error, Number.parseInt(status, 10)));
    }
    socket.off('error', onError);
    sockets.handleUpgrade(request, socket, head, (client) => sockets.emit('connection', client, request));
  });

  return {
    async close(late) {
      const closed = [...sockets.clients].map((client) => new Promise((resolve) => client.once('close', resolve)));
      for (const client of sockets.clients) client.close(1001, 'the gateway is shutting down');
      await Promise.race([Promise.all(closed), late]);
      for (const client of sockets.clients) client.terminate();
      await Promise.all(closed);
    },
  };
}

interface UpgradeRefusal {
  status: string;
  error: HeadwayError;
}

function refuseUpgrade(request: IncomingMessage, check: TrpcSocketsOptions['check']): UpgradeRefusal | null {
  const forbidden = check(request);
  if (forbidden) return { status: '403 Forbidden', error: forbidden };
  if (request.headers.upgrade?.toLowerCase() !== 'websocket') {
    return {
      status: '400 Bad Request',
      error: new HeadwayError('invalid-request', 'Upgrade: only websocket is known here; leave the header out'),
    };
  }
  if (request.url?.split('?', 1)[0] !== '/trpc') {
    return {
      status: '404 Not Found',
      error: new HeadwayError('invalid-request', 'there is no WebSocket at this path; open it at /trpc'),
    };
  }
  return null;
}
