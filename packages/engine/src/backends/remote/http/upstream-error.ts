import { contextOverflow, HeadwayError } from '@headway/protocol';

import type { FailureFault } from './failure-fault.ts';
import { readGatewayError, type GatewayError } from './headway-error.ts';
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

/** Reads an answer that is no success. The upstream's own words stay, without its address and key. */
export async function failureOfAnswer(answer: Answer, http: UpstreamHttp): Promise<UpstreamFailure> {
  const { status } = answer;
  const text = await answer.text(100_000).catch(() => '');
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

/** The failure of a connection: refused, reset, not found. Names the trouble, not the address. */
export function failureOfConnection(thrown: unknown): UpstreamFailure {
  const trouble = connectionTroubles[codeOf(thrown) ?? ''] ?? 'the connection to the upstream broke';
  return new UpstreamFailure(new HeadwayError('upstream-failed', `${trouble}; send the request again`), {
    fault: 'upstream',
  });
}

/** The failure of a stream that ended before the answer did. */
export function failureOfEnd(): UpstreamFailure {
  const message = "the upstream's stream ended before the answer did; send the request again";
  return new UpstreamFailure(new HeadwayError('upstream-failed', message), { fault: 'upstream' });
}

interface Said {
  message: string;
  type?: string;
  code?: unknown;
  promptTokens?: number;
  contextSize?: number;
}

interface Failed {
  status: number;
  said: Said | null;
  http: UpstreamHttp;
  retryAfterMs?: number | undefined;
}

function failureOf({ status, said, http, retryAfterMs }: Failed): UpstreamFailure {
  const words = said && http.withoutSecrets(said.message).slice(0, longestWords);
  const because = words ? `: ${words}` : ` (HTTP ${status})`;
  const overflow = said && readOverflow(said);
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
      const loading = retryAfterMs === undefined && /\bloading\b/i.test(said?.message ?? '');
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

/**
 * The overflow of llama-server (`exceed_context_size_error`), vLLM ("maximum context length is 4096 tokens. … 5000 input
 * tokens"), SGLang ("The input (5000 tokens) is longer than the model's context length (4096 tokens)"), OpenAI
 * (`context_length_exceeded`), LM Studio ("greater than the context length") and Ollama ("exceeds the context length").
 */
function readOverflow({ message, type, code, promptTokens, contextSize }: Said): HeadwayError | null {
  if (promptTokens !== undefined && contextSize !== undefined) return contextOverflow(promptTokens, contextSize);
  const told = type === 'exceed_context_size_error' || code === 'context_length_exceeded';
  if (!told && !/(maximum|model's|available|than the|exceeds the) context (length|size)/i.test(message)) return null;
  const context = numberIn(/context (?:length|size)(?: is)? \(?(\d+)/i, message);
  const prompt =
    numberIn(
      /(\d+) (?:input|prompt) tokens|(?:input|request) \((\d+) tokens\)|in the messages.{0,40}?(\d+) tokens/i,
      message,
    ) ?? numberIn(/requested (\d+) tokens/i, message);
  if (context !== null && prompt !== null && prompt > context) return contextOverflow(prompt, context);
  return new HeadwayError(
    'context-overflow',
    `the prompt and the answer do not fit the upstream's context: ${message}`,
  );
}

function numberIn(pattern: RegExp, text: string): number | null {
  const [, ...groups] = pattern.exec(text) ?? [];
  const found = groups.find((group) => group !== undefined);
  return found === undefined ? null : Number(found);
}

const connectionTroubles: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the upstream refuses connections',
  ECONNRESET: 'the upstream closed the connection',
  UND_ERR_SOCKET: 'the upstream closed the connection',
  UND_ERR_CONNECT_TIMEOUT: 'the upstream did not accept a connection in 10 s',
  ENOTFOUND: "the upstream's host name is not known",
  EAI_AGAIN: "the upstream's host name cannot be looked up now",
  EHOSTUNREACH: "the upstream's host cannot be reached",
  ENETUNREACH: "the upstream's network cannot be reached",
  ETIMEDOUT: 'the upstream did not answer in time',
};

function codeOf(thrown: unknown): string | undefined {
  for (let at = thrown, depth = 0; at instanceof Error && depth < 4; at = at.cause, depth++) {
    if ('code' in at && typeof at.code === 'string') return at.code;
    if (at instanceof AggregateError && at.errors[0]) return codeOf(at.errors[0]);
  }
  return undefined;
}
