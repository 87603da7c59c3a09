import type { IncomingMessage, Server } from 'node:http';

import type { Engine } from '@headway/engine';
import { HeadwayError, isHeadwayError, maxBodyBytes } from '@headway/protocol';
import { getWSConnectionHandler } from '@trpc/server/adapters/ws';
import type { FastifyBaseLogger } from 'fastify';
import { WebSocketServer, type WebSocket } from 'ws';

import { accountOf } from '../access/limits/account.ts';
import { largeBodyBytes } from '../access/limits/large-body-scheduler.ts';
import type { Caller } from '../access/caller.ts';
import { tooManyRequests, type AccessControl } from '../access/access-control.ts';
import { presentedKey } from '../access/keys/presented-key.ts';
import type { ConnectionPace } from '../generations/connection/connection-pace.ts';
import type { GenerationRegistry } from '../generations/generation-registry.ts';
import type { ErrorDialects } from '../surface/error-dialect.ts';
import { ignoreUpgrade } from '../surface/connections/ignore-upgrade.ts';
import { endWithJson } from '../surface/connections/raw-reply.ts';
import { BoundedSocket, paceSocket } from './socket/bounded-socket.ts';
import { callerOf, connectionOf, type CallContext } from './call-context.ts';
import { EventFrames } from './socket/event-frames.ts';
import { FrameWriter } from './socket/frame-writer.ts';
import { FrameMeter } from './socket/frame-meter.ts';
import { gatewayRoot } from './router/gateway-root.ts';
import { createHeadwayRouter } from './router/headway-router.ts';
import { SocketReadScheduler } from './socket/socket-read-scheduler.ts';
import { PausableSocket } from './socket/pausable-socket.ts';
import { closeSocket } from './socket/close-socket.ts';
import { SocketAccess } from './socket/socket-access.ts';
import { SocketLiveness } from './socket/socket-liveness.ts';
import { trackedEvents } from './router/tracked-events.ts';

/**
 * Bytes of unread responses at which the gateway stops reading a client's calls. It is far below the 1 MiB at which
 * `BoundedSocket` closes.
 */
const maxUnreadBytes = 256 * 1024;

/**
 * Most frames of a message, and most reads of a frame. `maxBodyBytes` in packets of 1.5 KB need fewer; a client that sends
 * one byte in each soon reaches it.
 */
const maxPieces = 4096;

export interface TrpcSocketsOptions {
  server: Server;
  engine: Engine;
  accessControl: AccessControl;
  generations: GenerationRegistry;
  version: string;
  /** See `HeadwayRouterOptions`. */
  modelId?: (name: string) => string;
  /** See `ConnectionPace`. */
  slowConsumerMs: number | undefined;
  log: FastifyBaseLogger;
  errorDialects: ErrorDialects;
  /** Closes silent, dead and idle sockets. @default one with `livenessTimes` */
  liveness?: SocketLiveness;
}

export interface TrpcSockets {
  /** Number of open sockets. */
  readonly open: number;
  /** Sends a close frame to all clients. Resolves when their sockets are closed; once `late` resolves, it destroys them. */
  close(late: Promise<void>): Promise<void>;
}

/** Serves tRPC over WebSocket at `/trpc`. */
export function serveTrpcSockets(options: TrpcSocketsOptions): TrpcSockets {
  const { server, engine, generations, accessControl, log, errorDialects } = options;
  const { version, modelId, slowConsumerMs, liveness = new SocketLiveness() } = options;
  const headway = createHeadwayRouter(engine, {
    generations,
    version,
    modelId,
    sockets: () => sockets.clients.size,
    caller: callerOf,
    onSubscription: ({ countSubscription }: CallContext) => countSubscription?.(),
    connection: connectionOf,
    stream: ({ frames }: CallContext, id, view) => frames?.stream(id, view) ?? trackedEvents(id, view),
  });
  const router = gatewayRoot.router(headway._def.record);
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: maxBodyBytes,
    maxFragments: maxPieces,
    maxBufferedChunks: maxPieces,
    WebSocket: BoundedSocket,
  });
  const scheduler = new SocketReadScheduler();
  sockets.on('connection', (client, request) => {
    const { socket } = request;
    const access = new SocketAccess(accessControl, socket.remoteAddress);
    const reading = new PausableSocket(client);
    const pace = paceSocket(client, socket, slowConsumerMs);
    const frames = new EventFrames(new FrameWriter(client, socket));
    client.once('close', () => {
      access.release();
      scheduler.remove(reading);
    });
    const meter = new FrameMeter();
    let cancelStep = (): void => undefined;
    client.once('close', () => cancelStep());
    liveness.add({ client, socket, isBusy: () => access.isBusy(), meter });
    // Runs before the WebSocket's own listener, which buffers the chunk.
    socket.prependListener('data', (chunk: Buffer) => {
      meter.add(chunk);
      scheduler.countRead(reading, chunk.length);
      if (client.readyState !== client.OPEN) return;
      if (access.buffer(meter)) {
        if (meter.bytes <= largeBodyBytes || reading.isPausedFor('large-message')) return;
        // The gateway reads the rest of a large message step by step.
        reading.pause('large-message');
        cancelStep = accessControl.largeBodies.schedule(access.account, () => reading.resume('large-message'));
        return;
      }
      log.info({ code: 'rate-limited' }, 'the gateway closed a socket that sent too many incomplete messages');
      reading.pause('closing');
      closeSocket(client, 1008, 'rate-limited: too many incomplete messages');
    });
    // Runs before tRPC's own listener, so that tRPC sends nothing on a socket that is closed here.
    const onFrame = () => limitMessages(client, socket, { access, pace, reading });
    client.on('message', onFrame).on('ping', onFrame);
    getWSConnectionHandler({
      wss: sockets,
      router,
      createContext: ({ req, info }): CallContext => {
        access.authenticate(info.connectionParams?.['apiKey'] ?? presentedKey(req.headers));
        return {
          identify: () => access.identify(),
          countSubscription: () => access.countSubscription(),
          connection: pace,
          frames,
        };
      },
      experimental_encoder: frames.encoder,
      onError: ({ error, path }) => {
        // An error without a path means that the client broke the protocol.
        if (path !== undefined && error.code === 'INTERNAL_SERVER_ERROR')
          log.error({ err: error, path }, 'a call failed');
        else log.debug({ path, code: error.code }, 'the gateway refused a call');
      },
    })(client, request);
  });
  sockets.on('wsClientError', (error, socket, request) => {
    const refusal = new HeadwayError('invalid-request', `the WebSocket handshake is invalid: ${error.message}`);
    endWithJson(socket, 400, errorDialects.of(request).body(refusal, { status: 400 }));
  });
  server.on('upgrade', (request, socket, head) => {
    if (request.headers.upgrade?.toLowerCase() !== 'websocket') return ignoreUpgrade(server, { request, socket, head });
    // The socket has no other listener yet, and an error without a listener would end the process.
    const onError = () => socket.destroy();
    socket.on('error', onError);
    const refusal = refuseUpgrade(request, accessControl);
    if (refusal) {
      const { error, headers } = refusal;
      const dialect = errorDialects.of(request);
      const status = refusal.status ?? dialect.status(error.code);
      log.info({ code: error.code, status }, 'the gateway refused a socket');
      return endWithJson(socket, status, dialect.body(error, { status }), headers);
    }
    socket.off('error', onError);
    sockets.handleUpgrade(request, socket, head, (client) => sockets.emit('connection', client, request));
  });

  return {
    get open() {
      return sockets.clients.size;
    },
    async close(late) {
      const closed = [...sockets.clients].map((client) => new Promise((resolve) => client.once('close', resolve)));
      for (const client of sockets.clients) client.close(1001, 'the gateway is shutting down');
      await Promise.race([Promise.all(closed), late]);
      for (const client of sockets.clients) client.terminate();
      await Promise.all(closed);
    },
  };
}

/** Closes a socket that sends too many messages, and pauses one whose client does not read its responses. */
function limitMessages(
  client: WebSocket,
  socket: IncomingMessage['socket'],
  { access, pace, reading }: { access: SocketAccess; pace: ConnectionPace; reading: PausableSocket },
): void {
  if (!access.countMessage()) {
    client.removeAllListeners('message').removeAllListeners('ping');
    return closeSocket(client, 1008, 'rate-limited: too many messages');
  }
  if (socket.writableLength <= maxUnreadBytes || reading.isPausedFor('unread')) return;
  reading.pause('unread');
  void pace.drained().then(
    () => reading.resume('unread'),
    // The socket is closed by then.
    () => undefined,
  );
}

interface UpgradeRefusal {
  error: HeadwayError;
  /** @default the status of the error's code */
  status?: number;
  headers?: Record<string, string>;
}

function refuseUpgrade(request: IncomingMessage, accessControl: AccessControl): UpgradeRefusal | null {
  const { method = 'GET', headers, url = '', socket } = request;
  const error = accessControl.check({ method, headers, url, upgrade: true });
  if (error) return { error };
  if (url.split('?', 1)[0] !== '/trpc') {
    const wrongPath = new HeadwayError('invalid-request', 'this path has no WebSocket endpoint; open /trpc');
    return { error: wrongPath, status: 404 };
  }
  return refuseKey(presentedKey(headers), socket.remoteAddress, accessControl);
}

/** Refuses an upgrade with an unknown key. One without a key passes: pages cannot set headers, and send theirs later. */
function refuseKey(
  key: string | null,
  address: string | undefined,
  accessControl: AccessControl,
): UpgradeRefusal | null {
  let caller: Caller | null = null;
  let unknown: UpgradeRefusal | null = null;
  try {
    if (key !== null) caller = accessControl.authenticate(key);
  } catch (thrown) {
    if (!isHeadwayError(thrown)) throw thrown;
    unknown = { error: thrown, headers: { 'WWW-Authenticate': 'Bearer' } };
  }
  const { taken, waitMs } = accessControl.requests.take(accountOf(caller, address));
  if (taken) return unknown;
  return { error: tooManyRequests(waitMs), headers: { 'Retry-After': `${Math.ceil(waitMs / 1000)}` } };
}
