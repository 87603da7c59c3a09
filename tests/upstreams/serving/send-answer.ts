import { once } from 'node:events';
import { STATUS_CODES, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Writable } from 'node:stream';

import type { Answer, Dialect, Piece, StreamedAnswer, WholeAnswer } from '../dialects/dialect.ts';
import type { Fault, RequestRecord, UpstreamScript } from '../upstream-script.ts';
import { CutWriter } from './cut-writer.ts';
import { isAt, type PlacedFault, type Reached } from './faults.ts';

interface Client {
  response: ServerResponse;
  /** Aborts when the client has closed the connection. */
  signal: AbortSignal;
  onEnd: (aborted: boolean) => void;
  exit: () => void;
}

interface Sending extends Client {
  record: RequestRecord;
  dialect: Dialect;
  script: UpstreamScript;
  strikes: FaultStrikes;
  onStatus: () => void;
}

/** Makes the faults of one request happen. */
export class FaultStrikes {
  #faults: readonly Fault[];
  readonly #dialect: Dialect;
  readonly #client: Client;

  constructor(faults: readonly Fault[], dialect: Dialect, client: Client) {
    this.#faults = faults;
    this.#dialect = dialect;
    this.#client = client;
  }

  has(does: 'no-done' | 'no-finish'): boolean {
    return this.#faults.some((fault) => fault.does === does);
  }

  get contentType(): string | undefined {
    return this.#faults.find((fault) => fault.does === 'content-type')?.type;
  }

  /** What comes instead of an answer; undefined when it may begin. */
  async beforeHeaders(): Promise<Answer | undefined> {
    for (const fault of this.#faults) {
      if (fault.does === 'wait') await sleep(fault.ms, undefined, { signal: this.#client.signal });
      if (fault.does === 'refuse') return this.#refusal(fault);
      if (fault.does === 'html') return { status: fault.status, contentType: 'text/html', body: page(fault.status) };
      if (fault.does === 'redirect') {
        return { status: 307, headers: { Location: fault.to }, contentType: 'text/plain', body: '' };
      }
    }
    await this.strike({ headers: false, read: 0, tokens: 0, bytes: 0 });
    return undefined;
  }

  #refusal({ status, message, retryAfterSeconds, retryAfterDate }: Extract<Fault, { does: 'refuse' }>): WholeAnswer {
    const answer = this.#dialect.refuse({ status, ...(message !== undefined && { message }) });
    if (retryAfterSeconds === undefined) return answer;
    const when = retryAfterDate
      ? new Date(Date.now() + retryAfterSeconds * 1_000).toUTCString()
      : String(retryAfterSeconds);
    return { ...answer, headers: { ...answer.headers, 'Retry-After': when } };
  }

  /** The fault at this place, which happens once. */
  next(reached: Reached): PlacedFault | undefined {
    const found = this.#faults.find((fault): fault is PlacedFault => 'at' in fault && isAt(fault.at, reached));
    if (found) this.#faults = this.#faults.filter((fault) => fault !== found);
    return found;
  }

  /** Bytes at which a fault waits, at or after so many. */
  get bytesAhead(): number | undefined {
    for (const fault of this.#faults) if ('at' in fault && 'bytes' in fault.at) return fault.at.bytes;
    return undefined;
  }

  /** Makes the faults of this place happen. Resolves with bytes to send, and whether the answer ends there. */
  async strike(reached: Reached): Promise<{ text: string; ends: boolean; error?: string; beats?: boolean }> {
    let text = '';
    for (let fault = this.next(reached); fault; fault = this.next(reached)) {
      switch (fault.does) {
        case 'die':
          this.#client.response.socket?.resetAndDestroy();
          this.#client.onEnd(false);
          return forEver(this.#client.signal);
        case 'exit':
          this.#client.exit();
          return forEver(this.#client.signal);
        case 'stall':
          if (fault.keepsAlive) return { text, ends: true, beats: true };
          return forEver(this.#client.signal);
        case 'end':
          return { text, ends: true };
        case 'error':
          return { text, ends: true, error: fault.message ?? 'the model crashed' };
        case 'long-line':
          text += `: ${'x'.repeat(fault.bytes)}\n\n`;
          break;
        case 'broken-json':
          text += 'data: {"choices":[{"index":0,"delta":{"content":\n\n';
          break;
        default:
          fault satisfies never;
      }
    }
    return { text, ends: false };
  }
}

/** Never resolves; rejects when the client leaves. */
async function forEver(signal: AbortSignal): Promise<never> {
  if (!signal.aborted) await once(signal, 'abort');
  throw signal.reason;
}

function page(status: number): string {
  const title = `${status} ${STATUS_CODES[status]}`;
  return `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n`;
}

export async function sendWhole(answer: WholeAnswer, sending: Sending): Promise<void> {
  const { response, record, dialect, strikes } = sending;
  if (answer.status === 200) {
    const struck = await strikes.strike({ headers: true, read: 1, tokens: Infinity, bytes: Infinity });
    if (struck.error !== undefined) return sendWhole(dialect.refuse({ status: 500, message: struck.error }), sending);
    if (struck.ends) return void response.destroy();
  }
  const { status, headers, body, contentType = dialect.jsonType ?? 'application/json' } = answer;
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  record.status = status;
  sending.onStatus();
  response.sendDate = dialect.sendsDate ?? true;
  response.writeHead(status, {
    ...dialect.headers,
    ...headers,
    ...(text !== '' && { 'Content-Type': strikes.contentType ?? contentType }),
    'Content-Length': Buffer.byteLength(text),
  });
  response.end(text);
}

export async function sendStreamed(answer: StreamedAnswer, sending: Sending): Promise<void> {
  const { response, record, dialect, script, strikes, signal } = sending;
  const head = {
    ...dialect.headers,
    ...answer.headers,
    'Content-Type': strikes.contentType ?? answer.contentType,
  };
  const body: Writable | null = answer.endsByClose ? response.socket : response;
  if (!body) return;
  const writer = new CutWriter(body, script.cut);
  const reached: Reached = { headers: false, read: 0, tokens: 0, bytes: 0 };
  const open = () => {
    if (reached.headers) return;
    reached.headers = true;
    record.status = 200;
    sending.onStatus();
    if (answer.endsByClose) {
      const lines = Object.entries(head).map(([name, value]) => `${name}: ${value}\r\n`);
      body.write(`HTTP/1.0 200 OK\r\n${lines.join('')}\r\n`);
    } else {
      response.sendDate = dialect.sendsDate ?? true;
      response.writeHead(200, head);
      response.flushHeaders();
    }
  };
  const crlf = script.crlf ?? dialect.crlf ?? false;
  /** Sends the text, unless a fault waits within it. Resolves with whether the answer goes on. */
  const send = async (text: string): Promise<boolean> => {
    if (text === '') return true;
    open();
    let bytes = Buffer.from(crlf ? text.replaceAll(/\r?\n/g, '\r\n') : text);
    const ahead = strikes.bytesAhead;
    if (ahead !== undefined && ahead < reached.bytes + bytes.length) {
      const first = bytes.subarray(0, Math.max(0, ahead - reached.bytes));
      await writer.write(first);
      reached.bytes += first.length;
      const { error, ...struck } = await strikes.strike(reached);
      if (error !== undefined) struck.text += `\n\n${dialect.streamError(error, record.path)}`;
      if (struck.text) await writer.write(Buffer.from(struck.text));
      if (struck.ends) return false;
      bytes = bytes.subarray(first.length);
    }
    await writer.write(bytes);
    reached.bytes += bytes.length;
    return true;
  };
  /** Sends keep-alives until the client leaves. */
  const beat = async () => {
    while (!signal.aborted) {
      await send(dialect.keepAlive);
      await sleep(script.keepAliveMs ?? 5, undefined, { signal });
    }
  };
  if (answer.headersAtOnce) open();

  const every = script.comments?.every ?? 1;
  let chunks = 0;
  const pieces = withKeepAlive(answer.pieces, script.keepAliveMs ?? dialect.keepAliveMs ?? 0, dialect.keepAlive);
  for await (const piece of pieces) {
    // A fault after so many tokens comes before what follows them.
    const struck = await strikes.strike(reached);
    if (struck.error !== undefined) {
      // An error before the first byte is an error of HTTP.
      if (!reached.headers) return sendWhole(dialect.refuse({ status: 500, message: struck.error }), sending);
      await send(struck.text + dialect.streamError(struck.error, record.path));
      break;
    }
    if (struck.beats) return beat();
    if (!(await send(struck.text)) || struck.ends) break;
    if (piece.read !== undefined) reached.read = piece.read;
    if ((piece.done && strikes.has('no-done')) || (piece.finish && strikes.has('no-finish'))) continue;
    if (script.comments && piece.text && chunks++ % every === 0) {
      if (!(await send(`: ${script.comments.text}\n\n`))) break;
    }
    if (!(await send(piece.text))) break;
    if (piece.tokens) {
      reached.tokens += piece.tokens;
      record.tokensSent = reached.tokens;
    }
  }
  if (signal.aborted) return;
  open();
  body.end();
  if (answer.endsByClose) sending.onEnd(false);
}

/** The pieces, and the text whenever none has come for so long. */
async function* withKeepAlive(pieces: AsyncIterable<Piece>, everyMs: number, text: string): AsyncGenerator<Piece> {
  if (everyMs <= 0) return yield* pieces;
  const source = pieces[Symbol.asyncIterator]();
  try {
    let next = source.next();
    for (;;) {
      const timer = new AbortController();
      const silence = sleep(everyMs, null, { signal: timer.signal }).catch(() => null);
      const one = await Promise.race([next, silence]);
      timer.abort();
      if (one === null) yield { text };
      else if (one.done) return;
      else {
        yield one.value;
        next = source.next();
      }
    }
  } finally {
    await source.return?.();
  }
}
