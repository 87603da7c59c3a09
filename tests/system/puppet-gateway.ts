import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { generateRequest, isHeadwayError, type GenerateRequest, type GenerationEvent } from '@headway/protocol';
import { initTRPC, tracked, TRPCError } from '@trpc/server';
import { getWSConnectionHandler } from '@trpc/server/adapters/ws';
import { WebSocketServer } from 'ws';

import { Mailbox } from './mailbox.ts';

/** A generation in the hands of a test. */
export class PuppetGeneration {
  readonly request: GenerateRequest;
  /** Resolves when the client is gone or has stopped the subscription. */
  readonly stopped: Promise<void>;
  readonly steps = new Mailbox<{ event: GenerationEvent } | { end: true } | { fail: unknown }>();

  constructor(request: GenerateRequest, signal: AbortSignal) {
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
}

/** A gateway that does what the test says, also what no gateway should do. */
export async function startPuppetGateway(options: { port?: number } = {}) {
  const generations = new Mailbox<PuppetGeneration>();
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
      for (;;) {
        const step = await Promise.race([generation.steps.take(), generation.stopped]);
        if (!step || 'end' in step) return;
        if ('fail' in step) throw step.fail;
        yield tracked(`${input.id}:${step.event.seq}`, step.event);
      }
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
  wss.on('connection', (socket, request) => {
    socket.on('message', (data: Buffer) => frames.push(data.toString()));
    socket.on('close', (code) => closedSockets.put(code));
    accept(socket, request);
  });
  const upgrades: string[] = [];
  let refuseWith: number | null = null;
  const http = createServer().on('upgrade', (request, socket, head) => {
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
    /** Those that were asked for, in order. */
    generations,
    /** Cancels by id, to be answered by the test. */
    cancels,
    /** Close codes, in order. */
    closedSockets,
    /** Every frame received. */
    frames,
    /** The path of every upgrade asked for. */
    upgrades,
    get sockets(): number {
      return wss.clients.size;
    },
    /** As when the machine loses its network. */
    dropSockets(): void {
      for (const socket of wss.clients) socket.terminate();
    },
    /** As before a deploy. */
    askForReconnect(): void {
      for (const socket of wss.clients) socket.send(JSON.stringify({ id: null, method: 'reconnect' }));
    },
    /** Answers upgrades with this HTTP status from now on. */
    refuseUpgrades(status: number): void {
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
