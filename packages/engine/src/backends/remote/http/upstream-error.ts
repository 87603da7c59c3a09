import { HeadwayError } from '@headway/protocol';

import { connectionTrouble } from './connection-trouble.ts';
import type { FailureFault } from './failure-fault.ts';
import { readGatewayError, type GatewayError } from './headway-error.ts';
import { readOverflow, type Said } from './overflow.ts';
import type { Answer, UpstreamHttp } from './upstream-http.ts';

/** An upstream's refusal or failure, and what it means for the upstream. */
export class UpstreamFailure extends Error {
  override readonly name = 'UpstreamFailure';
  /** What the caller is told. */
  readonly error: HeadwayError;
  readonly fault: FailureFault;
  /** In ms, where the upstream says it. */
  readonly retryAfterMs: number | undefined;

  constructor(
    error: HeadwayError,
    { fault, retryAfterMs }: { fault: FailureFault; retryAfterMs?: number | undefined },
  ) {
    super(error.message, { cause: error });
    this.error = error;
    this.fault = fault;
    this.retryAfterMs = retryAfterMs;
  }
}

/** The most characters of an upstream's own words that an error repeats. */
const longestWords = 500;
/** Longest time for the body of an answer that is no success, in ms. */
const bodyMs = 1500;

/**
 * Reads an answer that is no success. The upstream's own words stay, without its address and key. Where they do not come
 * soon, the connection is closed, and the status says it alone.
 */
export async function failureOfAnswer(answer: Answer, http: UpstreamHttp): Promise<UpstreamFailure> {
  const { status } = answer;
  const text = await answer.text(100_000, bodyMs).catch(() => '');
  const retryAfterMs = readRetryAfter(answer.header('retry-after'), Date.now());
  const gateway = readGatewayError(jsonOf(text), (words) => http.withoutSecrets(words));
  if (gateway) return failureOfGateway(gateway, retryAfterMs);
  return failureOf({ status, said: readWords(text, answer.header('content-type')), http, retryAfterMs });
}

/** The failure that an `error` value within a stream tells. */
export function failureInStream(value: unknown, http: UpstreamHttp): UpstreamFailure {
  const gateway = readGatewayError(value, (words) => http.withoutSecrets(words));
  if (gateway) return failureOfGateway(gateway);
  const said = readError(value) ?? { message: 'it failed without a reason' };
  const status = typeof said.code === 'number' ? said.code : 500;
  return failureOf({ status, said, http });
}

/** The failure of a connection: refused, reset, not found, not trusted, not HTTP. Names the trouble, not the address. */
export function failureOfConnection(thrown: unknown): UpstreamFailure {
  return new UpstreamFailure(new HeadwayError('upstream-failed', connectionTrouble(thrown), { cause: thrown }), {
    fault: 'upstream',
  });
}

/** The failure of a stream that ended before the answer did. */
export function failureOfEnd(): UpstreamFailure {
  const message = "the upstream's stream ended before the answer did; send the request again";
  return new UpstreamFailure(new HeadwayError('upstream-failed', message), { fault: 'upstream' });
}

interface Failed {
  status: number;
  said: Said | null;
  http: UpstreamHttp;
  retryAfterMs?: number | undefined;
}

function failureOf({ status, said, http, retryAfterMs }: Failed): UpstreamFailure {
  const words = http.withoutSecrets(said?.message ?? '').slice(0, longestWords);
  const because = words ? `: ${words}` : ` (HTTP ${status})`;
  const overflow = said && readOverflow({ ...said, message: words });
  if (overflow) return new UpstreamFailure(overflow, { fault: 'request' });
  const upstream = (message: string, retryable = true) =>
    new UpstreamFailure(new HeadwayError('upstream-failed', message, { retryable }), {
      fault: 'upstream',
      retryAfterMs,
    });
  switch (status) {
    case 400:
    case 413:
    case 422:
      return new UpstreamFailure(
        new HeadwayError('invalid-request', `the upstream refused the request${because}; change the request`),
        { fault: 'request' },
      );
    case 401:
    case 403:
      return upstream('the upstream refused its key; whoever runs the gateway must set another one', false);
    case 404:
      return upstream(`the upstream does not know this model or API${because}`, false);
    case 408:
      return upstream(`the upstream gave up waiting${because}; send the request again`);
    case 429:
      return new UpstreamFailure(
        new HeadwayError('rate-limited', `the upstream takes no more requests now${because}; send it again later`),
        { fault: 'wait', retryAfterMs: retryAfterMs ?? 1000 },
      );
    case 503: {
      const loading = retryAfterMs === undefined && /\bloading\b/i.test(words);
      const message = `the upstream is not ready${because}; send the request again later`;
      return new UpstreamFailure(new HeadwayError('upstream-failed', message), {
        fault: loading ? 'loading' : retryAfterMs === undefined ? 'upstream' : 'wait',
        retryAfterMs,
      });
    }
    default:
      if (status >= 300 && status < 400) {
        return upstream('the upstream redirects to another address; whoever runs the gateway must set that one', false);
      }
      return upstream(`the upstream failed${because}; send the request again`);
  }
}

/** A `Retry-After` of seconds or a date, in ms from `now`; undefined without a valid one. */
export function readRetryAfter(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  if (/^\d{1,7}$/.test(header.trim())) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}

function failureOfGateway({ error, fault }: GatewayError, retryAfterMs = 1000): UpstreamFailure {
  return new UpstreamFailure(error, { fault, ...(fault === 'wait' && { retryAfterMs }) });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function readWords(text: string, contentType: string | null): Said | null {
  try {
    return readError(JSON.parse(text));
  } catch {
    // HTML pages of proxies say nothing that helps.
    const plain = text.trim();
    return plain !== '' && !plain.startsWith('<') && !contentType?.includes('html') ? { message: plain } : null;
  }
}

/** The servers' forms: `{error: {message}}`, `{error: 'text'}`, `{object: 'error', message}`, `{detail}`, `{message}`. */
function readError(value: unknown): Said | null {
  if (typeof value === 'string') return { message: value };
  if (typeof value !== 'object' || value === null) return null;
  const fields = value as Record<string, unknown>;
  if (fields['error'] !== undefined && fields['error'] !== null) return readError(fields['error']);
  const message = fields['message'] ?? fields['detail'];
  if (message === undefined) return null;
  const [promptTokens, contextSize] = [fields['n_prompt_tokens'], fields['n_ctx']];
  return {
    message: typeof message === 'string' ? message : JSON.stringify(message),
    ...(typeof fields['type'] === 'string' && { type: fields['type'] }),
    ...('code' in fields && { code: fields['code'] }),
    ...(typeof promptTokens === 'number' && { promptTokens }),
    ...(typeof contextSize === 'number' && { contextSize }),
  };
}
