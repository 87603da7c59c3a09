import { errorMessage } from '../streams/stream-end.ts';
import { objectOrNull } from '../streams/stream-items.ts';

export interface AskOptions {
  method?: string;
  headers?: Record<string, string>;
  timeoutMs: number;
  signal: AbortSignal;
}

/** A reply, or why none came. */
export type Answer =
  | { answered: true; status: number; headers: Headers; json: Record<string, unknown> | null; message: string }
  /** `refused`: nothing listens at the address. */
  | { answered: false; why: string; refused: boolean };

const nothingListens = 'nothing listens there';

/** A reply of these routes has a few kilobytes. */
const mostBytes = 1024 * 1024;

/** Sends a request to a route that replies at once. @throws the signal's reason when it aborts */
export async function ask(url: string, { method, headers, timeoutMs, signal }: AskOptions): Promise<Answer> {
  const late = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(url, {
      ...(method !== undefined && { method }),
      headers: { ...headers },
      redirect: 'manual',
      signal: AbortSignal.any([signal, late]),
    });
    const json = parse(await readText(response));
    const { status } = response;
    const message = errorMessage(json) ?? `status ${status}`;
    return { answered: true, status, headers: response.headers, json, message };
  } catch (thrown) {
    signal.throwIfAborted();
    const why = whyUnanswered(thrown, timeoutMs);
    return { answered: false, why, refused: why === nothingListens };
  }
}

/** Why a request got no reply, as the end of a sentence. */
export function whyUnanswered(thrown: unknown, timeoutMs: number): string {
  if (thrown instanceof DOMException && thrown.name === 'TimeoutError') return `no answer within ${timeoutMs / 1000} s`;
  const cause = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : thrown;
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  switch (code) {
    case 'ECONNREFUSED':
      return nothingListens;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'no host has this name';
    case 'ECONNRESET':
    case 'UND_ERR_SOCKET':
      return 'the connection was closed';
    default:
      return cause instanceof Error ? cause.message : String(cause);
  }
}

async function readText({ body }: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const bytes of body ?? []) {
    text += decoder.decode(bytes, { stream: true });
    if (text.length > mostBytes) break;
  }
  return text;
}

function parse(text: string): Record<string, unknown> | null {
  try {
    return objectOrNull(JSON.parse(text));
  } catch {
    return null;
  }
}
