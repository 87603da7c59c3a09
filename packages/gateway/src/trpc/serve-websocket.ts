import type { IncomingMessage, Server } from 'node:http';

import type { Engine } from '@headway/engine';
import { HeadwayError, isHeadwayError, maxBodyBytes } from '@headway/protocol';
import { getWSConnectionHandler } from '@trpc/server/adapters/ws';
import type { FastifyBaseLogger } from 'fastify';
import { WebSocketServer, type WebSocket } from 'ws';

import { accountOf } from '../access/limits/account.ts';
import { largeBodyBytes } from '../access/limits/body-turns.ts';
import type { Caller } from '../access/caller.ts';
import { tooManyRequests, type Gatekeeper } from '../access/gatekeeper.ts';
import { presentedKey } from '../access/keys/presented-key.ts';
import type { ConnectionPace } from '../generations/connection/connection-pace.ts';
import type { GenerationRegistry } from '../generations/generation-registry.ts';
import type { ErrorDialects } from '../surface/error-dialect.ts';
import { ignoreUpgrade } from '../surface/connections/ignore-upgrade.ts';
import { endWithJson } from '../surface/connections/raw-reply.ts';
import { BoundedSocket, paceSocket } from './socket/bounded-socket.ts';
import { callerOf, connectionOf, type CallContext } from './call-context.ts';
import { EventFrames } from './socket/event-frames.ts';
import { FrameMeter } from './socket/frame-meter.ts';
import { gatewayRoot } from './router/gateway-root.ts';
import { createHeadwayRouter } from './router/headway-router.ts';
import { ReadTurns } from './socket/read-turns.ts';
import { ReadingBrake } from './socket/reading-brake.ts';
import { sayGoodbye } from './socket/say-goodbye.ts';
import { SocketVisitor } from './socket/socket-visitor.ts';
import { SocketWatch } from './socket/socket-watch.ts';
import { trackedEvents } from './router/tracked-events.ts';

/** Answers that a client has not read may take so much before what it asks next has to wait; far below what closes it. */
const maxUnreadBytes = 256 * 1024;

/**
 * Frames of one message, and reads of one frame. As `maxBodyBytes` come in frames and in packets of 1.5 KB, that is more
 * than anybody needs, and little for somebody who sends a byte in each.
 */
const maxParts = 4096;

export interface TrpcSocketsOptions {
  server: Server;
  engine: Engine;
  gatekeeper: Gatekeeper;
  generations: GenerationRegistry;
  version: string;
  /** See `ConnectionPace`. */
  slowConsumerMs: number | undefined;
  log: FastifyBaseLogger;
  errorDialects: ErrorDialects;
  /** Who closes sockets that say nothing. @default one with the usual times */
  watch?: SocketWatch;
}

export interface TrpcSockets {
  /** Says goodbye to all clients; resolves when their sockets are closed, by force once `late` resolves. */
  close(late: Promise<void>): Promise<void>;
}

/** tRPC over WebSocket, at `/trpc` of a server. */
export function serveTrpcSockets(options: TrpcSocketsOptions): TrpcSockets {
  const { server, engine, generations, gatekeeper, log, errorDialects } = options;
  const { version, slowConsumerMs, watch = new SocketWatch() } = options;
  const headway = createHeadwayRouter(engine, {
    generations,
    version,
    caller: callerOf,
    holdSubscription: ({ holdSubscription }: CallContext) => holdSubscription?.(),
    connection: connectionOf,
    stream: ({ frames }: CallContext, id, view) => frames?.stream(id, view) ?? trackedEvents(id, view),
  });
  const router = gatewayRoot.router(headway._def.record);
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: maxBodyBytes,
    maxFragments: maxParts,
    maxBufferedChunks: maxParts,
    WebSocket: BoundedSocket,
  });
  const turns = new ReadTurns();
  sockets.on('connection', (client, request) => {
    const { socket } = request;
    const visitor = new SocketVisitor(gatekeeper, socket.remoteAddress);
    const brake = new ReadingBrake(client);
    const pace = paceSocket(client, socket, slowConsumerMs);
    const frames = new EventFrames(client);
    client.once('close', () => {
      visitor.leave();
      turns.leave(brake);
    });
    const meter = new FrameMeter();
    let giveUp = (): void => undefined;
    client.once('close', () => giveUp());
    watch.add({ client, socket, isBusy: () => visitor.isBusy(), meter });
    // Before the WebSocket's own, which keeps what it is given.
    socket.prependListener('data', (chunk: Buffer) => {
      meter.take(chunk);
      turns.took(brake, chunk.length);
      if (client.readyState !== client.OPEN) return;
      if (visitor.mayHold(meter)) {
        if (meter.bytes <= largeBodyBytes || brake.holds('large')) return;
        // The rest of a large message is read in turns.
        brake.hold('large');
        giveUp = gatekeeper.bodyTurns.wait(visitor.account, () => brake.release('large'));
        return;
      }
      log.info({ code: 'rate-limited' }, 'a socket sent too much that is not whole');
      brake.hold('closing');
      sayGoodbye(client, 1008, 'rate-limited: too much that is not whole');
    });
    // Before tRPC's own, so that a socket which is closed here hears nothing from there.
    const onFrame = () => restrain(client, socket, { visitor, pace, brake });
    client.on('message', onFrame).on('ping', onFrame);
    getWSConnectionHandler({
      wss: sockets,
      router,
      createContext: ({ req, info }): CallContext => {
        visitor.introduce(info.connectionParams?.['apiKey'] ?? presentedKey(req.headers));
        return {
          identify: () => visitor.identify(),
          holdSubscription: () => visitor.holdSubscription(),
          connection: pace,
          frames,
        };
      },
      experimental_encoder: frames.encoder,
      onError: ({ error, path }) => {
        // What has no path is a client that broke the protocol.
        if (path !== undefined && error.code === 'INTERNAL_SERVER_ERROR')
          log.error({ err: error, path }, 'a call failed');
        else log.debug({ path, code: error.code }, 'a call was refused');
      },
    })(client, request);
  });
  sockets.on('wsClientError', (error, socket, request) => {
    const refusal = new HeadwayError('invalid-request', `this is no WebSocket handshake: ${error.message}`);
    endWithJson(socket, 400, errorDialects.of(request).body(refusal, { status: 400 }));
  });
  server.on('upgrade', (request, socket, head) => {
    if (request.headers.upgrade?.toLowerCase() !== 'websocket') return ignoreUpgrade(server, { request, socket, head });
    // Nobody else listens to this socket yet, and a client may well reset it.
    const onError = () => socket.destroy();
    socket.on('error', onError);
    const refusal = refuseUpgrade(request, gatekeeper);
    if (refusal) {
      const { error, headers } = refusal;
      const dialect = errorDialects.of(request);
      const status = refusal.status ?? dialect.status(error.code);
      log.info({ code: error.code, status }, 'a socket was refused');
      return endWithJson(socket, status, dialect.body(error, { status }), headers);
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

/** Looks at each message as it comes: whether there are too many, and whether its sender reads what it is answered. */
function restrain(
  client: WebSocket,
  socket: IncomingMessage['socket'],
  { visitor, pace, brake }: { visitor: SocketVisitor; pace: ConnectionPace; brake: ReadingBrake },
): void {
  if (!visitor.mayWrite()) {
    client.removeAllListeners('message').removeAllListeners('ping');
    return sayGoodbye(client, 1008, 'rate-limited: too many messages');
  }
  if (socket.writableLength <= maxUnreadBytes || brake.holds('unread')) return;
  brake.hold('unread');
  void pace.drained().then(
    () => brake.release('unread'),
    // It is closed by then.
    () => undefined,
  );
}

interface UpgradeRefusal {
  error: HeadwayError;
  /** @default the one of the error's code */
  status?: number;
  headers?: Record<string, string>;
}

function refuseUpgrade(request: IncomingMessage, gatekeeper: Gatekeeper): UpgradeRefusal | null {
  const { method = 'GET', headers, url = '', socket } = request;
  const error = gatekeeper.refuse({ method, headers, url, upgrade: true });
  if (error) return { error };
  if (url.split('?', 1)[0] !== '/trpc') {
    const nowhere = new HeadwayError('invalid-request', 'there is no WebSocket at this path; open it at /trpc');
    return { error: nowhere, status: 404 };
  }
  return refuseKey(presentedKey(headers), socket.remoteAddress, gatekeeper);
}

/** A socket without a key may be opened: pages cannot set headers, so theirs comes in the first message. */
function refuseKey(key: string | null, address: string | undefined, gatekeeper: Gatekeeper): UpgradeRefusal | null {
  let caller: Caller | null = null;
  let unknown: UpgradeRefusal | null = null;
  try {
    if (key !== null) caller = gatekeeper.recognise(key);
  } catch (thrown) {
    if (!isHeadwayError(thrown)) throw thrown;
    unknown = { error: thrown, headers: { 'WWW-Authenticate': 'Bearer' } };
  }
  const { taken, waitMs } = gatekeeper.requests.take(accountOf(caller, address));
  if (taken) return unknown;
  return { error: tooManyRequests(waitMs), headers: { 'Retry-After': `${Math.ceil(waitMs / 1000)}` } };
}
