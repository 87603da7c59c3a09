import { whyUnanswered } from '../gateway/ask-gateway.ts';
import type { GatewayAddress } from '../gateway/gateway-address.ts';
import { progressModes, type ProgressModeId } from '../streams/progress-dialects.ts';
import { endFault, errorMessage } from '../streams/stream-end.ts';
import { objectOrNull, StreamReader, type StreamItem } from '../streams/stream-items.ts';
import { surfaces, type SurfaceId } from '../streams/surfaces.ts';

/** What came of asking one surface in one mode. */
export type Trial = { surface: SurfaceId; mode: ProgressModeId } & (
  | { outcome: 'answered'; items: readonly StreamItem[] }
  /** The gateway has no such surface. */
  | { outcome: 'absent' }
  /** `late`: the time was over. */
  | { outcome: 'failed'; why: string; late: boolean }
);

export interface TryStreamOptions {
  address: GatewayAddress;
  /** What the gateway calls the model. */
  model: string;
  surface: SurfaceId;
  mode: ProgressModeId;
  /** For the whole answer. */
  timeoutMs: number;
  signal: AbortSignal;
}

/** Enough for a thought to begin, and little to wait for. */
const answerTokens = 8;

/** Some of the smallest chunks that an engine reads at a time. */
const promptWords = 100;

/** Far more than a few tokens make, with all their progress. */
const mostItems = 10_000;

/** Asks for a short answer to a prompt that is not cached. @throws the signal's reason when it aborts */
export async function tryStream(options: TryStreamOptions): Promise<Trial> {
  const { surface, mode, timeoutMs, signal } = options;
  const late = AbortSignal.timeout(timeoutMs);
  try {
    return { surface, mode, ...(await askForStream(options, AbortSignal.any([signal, late]))) };
  } catch (thrown) {
    signal.throwIfAborted();
    return { surface, mode, outcome: 'failed', why: whyUnanswered(thrown, timeoutMs), late: late.aborted };
  }
}

async function askForStream({ address, model, surface, mode }: TryStreamOptions, signal: AbortSignal) {
  const { path, headers, body } = surfaces[surface];
  const { headers: asking, body: fields } = progressModes[mode];
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

/** Begins like no other, so that all of it is read. */
function freshPrompt(): string {
  return `${Math.random().toString(36).slice(2, 8)} ${'read on '.repeat(promptWords / 2)}and tell what comes next.`;
}
