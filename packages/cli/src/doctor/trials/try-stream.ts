import { whyUnanswered } from '../gateway/ask-gateway.ts';
import type { GatewayAddress } from '../gateway/gateway-address.ts';
import { progressDialects, type ProgressDialectId } from '../streams/progress-dialects.ts';
import { endFault, errorMessage } from '../streams/stream-end.ts';
import { objectOrNull, StreamReader, type StreamItem } from '../streams/stream-items.ts';
import { surfaces, type SurfaceId } from '../streams/surfaces.ts';

/** The result of one request to a surface in a progress dialect. */
export type Trial = { surface: SurfaceId; dialect: ProgressDialectId } & (
  | { outcome: 'answered'; items: readonly StreamItem[] }
  /** The gateway does not have this surface. */
  | { outcome: 'absent' }
  /** `late`: the timeout was over. */
  | { outcome: 'failed'; why: string; late: boolean }
);

export interface TryStreamOptions {
  address: GatewayAddress;
  /** The model's name at the gateway. */
  model: string;
  surface: SurfaceId;
  dialect: ProgressDialectId;
  /** The limit for the whole answer. */
  timeoutMs: number;
  signal: AbortSignal;
}

/** Enough tokens for reasoning to begin, and few to wait for. */
const answerTokens = 8;

/** Several of the smallest chunks that an engine reads at a time, for several progress events. */
const promptWords = 100;

/** Far more items than an answer of a few tokens has, progress included. */
const mostItems = 10_000;

/** Requests a short answer to an uncached prompt. @throws the signal's reason when it aborts */
export async function tryStream(options: TryStreamOptions): Promise<Trial> {
  const { surface, dialect, timeoutMs, signal } = options;
  const late = AbortSignal.timeout(timeoutMs);
  try {
    return { surface, dialect, ...(await askForStream(options, AbortSignal.any([signal, late]))) };
  } catch (thrown) {
    signal.throwIfAborted();
    return { surface, dialect, outcome: 'failed', why: whyUnanswered(thrown, timeoutMs), late: late.aborted };
  }
}

async function askForStream({ address, model, surface, dialect }: TryStreamOptions, signal: AbortSignal) {
  const { path, headers, body } = surfaces[surface];
  const { headers: asking, body: fields } = progressDialects[dialect];
  const stop = new AbortController();
  try {
    const response = await fetch(`${address.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers(address.apiKey), ...asking },
      body: JSON.stringify({ ...body(model, freshPrompt(), answerTokens), ...fields }),
      redirect: 'manual',
      signal: AbortSignal.any([signal, stop.signal]),
    });
    if (!response.ok) return await refusal(response);
    const type = response.headers.get('content-type') ?? 'nothing';
    if (!type.startsWith('text/event-stream')) return failed(`the answer is ${type} instead of text/event-stream`);
    const reader = new StreamReader();
    for await (const bytes of response.body ?? []) {
      reader.read(bytes);
      if (reader.items.length > mostItems) return failed(`the answer does not end: more than ${mostItems} events came`);
    }
    const fault = reader.fault ?? endFault(surface, reader.items);
    return fault === null ? { outcome: 'answered' as const, items: reader.items } : failed(fault);
  } finally {
    stop.abort();
  }
}

async function refusal(response: Response) {
  const text = await response.text();
  const body = objectOrNull(jsonIn(text));
  const code = objectOrNull(body?.['error'])?.['code'];
  if ((response.status === 404 && code !== 'model-not-found') || response.status === 405 || response.status === 501) {
    return { outcome: 'absent' as const };
  }
  return failed(errorMessage(body) ?? `status ${response.status}`);
}

function failed(why: string) {
  return { outcome: 'failed' as const, why, late: false };
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** A prompt with a random beginning, so that none of it is cached. */
function freshPrompt(): string {
  return `${Math.random().toString(36).slice(2, 8)} ${'read on '.repeat(promptWords / 2)}and tell what comes next.`;
}
