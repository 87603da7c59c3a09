import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

import { generateRequest, isHeadwayError, type GenerateRequest, type GenerationEvent } from '@headway/protocol';
import { initTRPC, tracked, TRPCError } from '@trpc/server';
import { getWSConnectionHandler } from '@trpc/server/adapters/ws';
import { WebSocketServer } from 'ws';

import { Mailbox } from './mailbox.ts';

/** A stream that a test controls. */
export class PuppetGeneration<Request = GenerateRequest> {
  readonly request: Request;
  /** Resolves when the client has disconnected or stopped the subscription. */
  readonly stopped: Promise<void>;
  readonly steps = new Mailbox<{ event: GenerationEvent } | { end: true } | { fail: unknown }>();

  constructor(request: Request, signal: AbortSignal) {
    this.request = request;
    this.stopped = new Promise((resolve) => {
      if (signal.aborted) resolve();
      else signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  send(...events: GenerationEvent[]): void {
    for (const event of events) this.steps.put({ event });
  }

  /** Ends the stream, whether or not a terminal event was sent. */
  end(): void {
    this.steps.put({ end: true });
  }

  fail(thrown: unknown): void {
    this.steps.put({ fail: thrown });
  }

  /** The events of the test, for tRPC, until the client disconnects. */
  async *stream(id: string) {
    for (;;) {
      const step = await Promise.race([this.steps.take(), this.stopped]);
      if (!step || 'end' in step) return;
      if ('fail' in step) throw step.fail;
      yield tracked(`${id}:${step.event.seq}`, step.event);
    }
  }
}

interface WatchRequest {
  id: string;
  lastEventId?: string;
}

/** The error codes of these statuses. */
const codes: Partial<Record<number, string>> = { 401: 'unauthorized', 403: 'forbidden' };

/** A fake gateway that the test controls, and that can break the protocol. */
export async function startPuppetGateway(options: { port?: number } = {}) {
  const generations = new Mailbox<PuppetGeneration>();
  const watches = new Mailbox<PuppetGeneration<WatchRequest>>();
  const cancels = new Mailbox<{ id: string; answer: (cancelled: boolean) => void; fail: (thrown: unknown) => void }>();
  const closedSockets = new Mailbox<number>();
  const frames: string[] = [];

  const t = initTRPC.create({
    isDev: false,
    errorFormatter({ shape, error }) {
      const { cause } = error;
      const headway = isHeadwayError(cause) ? { code: cause.code, retryable: cause.retryable } : undefined;
      return { ...shape, data: { ...shape.data, ...(headway && { headway }) } };
    },
  });
  const router = t.router({
    generate: t.procedure.input(generateRequest).subscription(async function* ({ input, signal }) {
      const generation = new PuppetGeneration(input, signal ?? AbortSignal.abort());
      generations.put(generation);
      yield* generation.stream(input.id ?? '');
    }),
    watch: t.procedure
      .input((value: unknown) => value as WatchRequest)
      .subscription(async function* ({ input, signal }) {
        const watched = new PuppetGeneration(input, signal ?? AbortSignal.abort());
        watches.put(watched);
        yield* watched.stream(input.id);
      }),
    cancel: t.procedure
      .input((value: unknown) => value as { id: string })
      .mutation(
        ({ input }) =>
          new Promise<{ cancelled: boolean }>((resolve, reject) =>
            cancels.put({ id: input.id, answer: (cancelled) => resolve({ cancelled }), fail: reject }),
          ),
      ),
    models: t.procedure.query((): never[] => []),
    status: t.procedure.query((): never => {
      throw new TRPCError({ code: 'UNAUTHORIZED', message: 'no key' });
    }),
  });

  const wss = new WebSocketServer({ noServer: true, maxPayload: 4 * 1024 * 1024 });
  const accept = getWSConnectionHandler({ router, wss, createContext: () => ({}) });
  let hangsUp = false;
  wss.on('connection', (socket, request) => {
    if (hangsUp) return socket.close(1013, 'try again later');
    socket.on('message', (data: Buffer) => frames.push(data.toString()));
    socket.on('close', (code) => closedSockets.put(code));
    accept(socket, request);
  });
  const upgrades: string[] = [];
  let refuseWith: number | null = null;
  const answer: RequestListener = (_request, response) => {
    response.writeHead(refuseWith ?? 200, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify(refuseWith ? { error: { message: 'refused', code: codes[refuseWith] } } : { status: 'ok' }),
    );
  };
  const http = createServer(answer).on('upgrade', (request, socket, head) => {
    upgrades.push(request.url ?? '');
    if (refuseWith) return socket.end(`HTTP/1.1 ${refuseWith} Refused\r\ncontent-length: 0\r\n\r\n`);
    wss.handleUpgrade(request, socket, head, (client) => wss.emit('connection', client, request));
  });
  http.listen(options.port ?? 0, '127.0.0.1');
  await once(http, 'listening');
  const { port } = http.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}`,
    port,
    /** The `generate` streams, in order. */
    generations,
    /** The `watch` streams, in order. */
    watches,
    /** Cancellations, which the test answers. */
    cancels,
    /** Close codes, in order. */
    closedSockets,
    /** Every frame received. */
    frames,
    /** The path of every upgrade request. */
    upgrades,
    get sockets(): number {
      return wss.clients.size;
    },
    /** Destroys all sockets, like a lost network. */
    dropSockets(): void {
      for (const socket of wss.clients) socket.terminate();
    },
    /** From now on, closes each socket right after it opens. */
    hangUpAtOnce(): void {
      hangsUp = true;
    },
    /** Asks all clients to reconnect, like before a deploy. */
    askForReconnect(): void {
      for (const socket of wss.clients) socket.send(JSON.stringify({ id: null, method: 'reconnect' }));
    },
    /** Answers upgrades and other requests with this HTTP status from now on. */
    refuseAll(status: number): void {
      refuseWith = status;
    },
    async [Symbol.asyncDispose](): Promise<void> {
      for (const socket of wss.clients) socket.terminate();
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

export type PuppetGateway = Awaited<ReturnType<typeof startPuppetGateway>>;
