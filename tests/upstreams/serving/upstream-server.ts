import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Answer, Asked, Dialect, DialectKind, Route, Site } from '../dialects/dialect.ts';
import { Models } from '../engine/models.ts';
import { SimulatedEngine } from '../engine/simulated-engine.ts';
import type { RequestRecord, UpstreamNews, UpstreamScript } from '../upstream-script.ts';
import { Faults } from './faults.ts';
import { FaultStrikes, sendStreamed, sendWhole } from './send-answer.ts';

/** A server that speaks a dialect as its script says, and tells what happens to it. */
export class UpstreamServer {
  readonly #kind: DialectKind;
  readonly #tell: (news: UpstreamNews) => void;
  readonly #exit: () => void;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #site: Site & { script: UpstreamScript };
  #dialect: Dialect;
  #faults: Faults;
  #readyAt = 0;
  #count = 0;

  /** `exit` ends the server at once, as a fault of its script asks for. */
  constructor(kind: DialectKind, script: UpstreamScript, tell: (news: UpstreamNews) => void, exit: () => void) {
    this.#kind = kind;
    this.#tell = tell;
    this.#exit = exit;
    this.#site = {
      script,
      engine: new SimulatedEngine(script, kind.habits),
      models: new Models(script.models ?? [{ id: 'test-model' }]),
      startedAt: Math.floor(Date.now() / 1_000),
    };
    this.#dialect = kind.create(this.#site);
    this.#faults = new Faults(script.faults ?? []);
    this.#server = createServer({ keepAliveTimeout: 5_000 }, (request, response) => {
      void this.#answer(request, response).catch((error: unknown) => {
        this.#tell({ type: 'failed', error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
        response.destroy();
      });
    });
    this.#server.on('connection', (socket) => {
      socket.setNoDelay();
      this.#sockets.add(socket);
      this.#tell({ type: 'connections', open: this.#sockets.size });
      socket.on('close', () => {
        this.#sockets.delete(socket);
        this.#tell({ type: 'connections', open: this.#sockets.size });
      });
    });
  }

  listen(port: number): void {
    this.#readyAt = performance.now() + (this.#site.script.startMs ?? 0);
    this.#server.listen(port, '127.0.0.1', () => {
      this.#tell({ type: 'listening', port: (this.#server.address() as AddressInfo).port });
    });
  }

  /** Behaves so from the next request on. Models, slots and the prompt cache stay as they are. */
  change(script: UpstreamScript): void {
    this.#site.script = script;
    this.#site.engine.script = script;
    this.#dialect = this.#kind.create(this.#site);
    this.#faults = new Faults(script.faults ?? []);
    this.#readyAt = performance.now() + (script.startMs ?? 0);
  }

  /** Breaks all connections and listens no more. */
  close(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
    this.#server.close();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const started = performance.now();
    const closed = new AbortController();
    const { pathname: path, search: query } = new URL(request.url ?? '/', 'http://upstream');
    const record: RequestRecord = {
      index: this.#count++,
      method: request.method ?? '',
      path,
      query,
      headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)])),
      body: null,
      status: null,
      tokensSent: 0,
      closedAfterMs: null,
      aborted: null,
    };
    const tell = () => this.#tell({ type: 'request', record });
    // An answer in HTTP/1.0 bypasses the response, so the end of its connection counts.
    const end = (aborted: boolean) => {
      if (record.closedAfterMs !== null) return;
      record.closedAfterMs = performance.now() - started;
      record.aborted = aborted;
      tell();
      // Whatever still works for it ends.
      closed.abort();
    };
    response.on('close', () => end(!response.writableFinished));
    try {
      record.body = await readBody(request);
    } catch {
      return end(true);
    }
    tell();

    const asked: Asked = { ...record, signal: closed.signal };
    const route = this.#routeOf(record.method, path);
    const strikes = new FaultStrikes(route?.answersPrompts ? this.#faults.hit(record) : [], this.#dialect, {
      response,
      signal: closed.signal,
      onEnd: end,
      exit: this.#exit,
    });
    const sending = {
      response,
      record,
      dialect: this.#dialect,
      script: this.#site.script,
      strikes,
      signal: closed.signal,
      onStatus: tell,
      onEnd: end,
      exit: this.#exit,
    };
    try {
      const answer = (await strikes.beforeHeaders()) ?? (await this.#handle(route, asked));
      if ('pieces' in answer) await sendStreamed(answer, sending);
      else await sendWhole(answer, sending);
    } catch (error) {
      // What a client that left has interrupted is no fault of the server.
      if (!closed.signal.aborted) throw error;
    }
  }

  async #handle(route: Route | undefined, asked: Asked): Promise<Answer> {
    const { script } = this.#site;
    const left = this.#readyAt - performance.now();
    if (left > 0 && this.#dialect.starting) return this.#dialect.starting();
    if (left > 0) await sleep(left, undefined, { signal: asked.signal });
    if (script.apiKey !== undefined && (this.#dialect.guards?.(asked.path) ?? true)) {
      if (asked.headers.authorization !== `Bearer ${script.apiKey}`) return this.#dialect.refuse({ status: 401 });
    }
    return route ? route.handle(asked) : this.#dialect.missing(asked);
  }

  #routeOf(method: string, path: string): Route | undefined {
    const { routes } = this.#dialect;
    const exact = routes[`${method} ${path}`];
    if (exact) return exact;
    const found = Object.entries(routes).find(
      ([name]) => name.endsWith('*') && `${method} ${path}`.startsWith(name.slice(0, -1)),
    );
    return found?.[1];
  }
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const text = Buffer.concat(parts).toString();
  if (text === '') return null;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
