import type { ErrorCode, HeadwayError } from '@headway/protocol';

/** What OpenAI's clients make of each way to fail. */
export const openAiErrors = {
  'invalid-request': { status: 400, type: 'invalid_request_error' },
  unauthorized: { status: 401, type: 'authentication_error' },
  forbidden: { status: 403, type: 'permission_error' },
  'rate-limited': { status: 429, type: 'rate_limit_error' },
  conflict: { status: 409, type: 'invalid_request_error' },
  'model-not-found': { status: 404, type: 'not_found_error' },
  'model-load-failed': { status: 503, type: 'server_error' },
  'context-overflow': { status: 400, type: 'exceed_context_size_error' },
  'queue-full': { status: 429, type: 'rate_limit_error' },
  'queue-timeout': { status: 503, type: 'server_error' },
  'generation-timeout': { status: 504, type: 'server_error' },
  'generation-not-found': { status: 404, type: 'not_found_error' },
  abandoned: { status: 499, type: 'server_error' },
  'engine-crashed': { status: 500, type: 'server_error' },
  'upstream-failed': { status: 502, type: 'server_error' },
  'connection-lost': { status: 502, type: 'server_error' },
  'slow-consumer': { status: 499, type: 'server_error' },
  'shutting-down': { status: 503, type: 'server_error' },
  internal: { status: 500, type: 'server_error' },
} as const satisfies Record<ErrorCode, { status: number; type: string }>;

export interface OpenAiErrorBody {
  error: {
    message: string;
    type: string;
    /** The field that is wrong, when it is one. */
    param: string | null;
    code: ErrorCode;
    /** As llama.cpp has them on `exceed_context_size_error`. */
    n_prompt_tokens?: number;
    n_ctx?: number;
  };
}

/** An error in OpenAI's shape, and in the names that OpenAI gives the fields. */
export function openAiErrorBody({
  code,
  message,
  cause,
}: Pick<HeadwayError, 'code' | 'message' | 'cause'>): OpenAiErrorBody {
  const { param, rest } = splitField(code, message);
  return {
    error: {
      message: (param ?? '') + rest,
      type: openAiErrors[code].type,
      param,
      code,
      ...(code === 'context-overflow' && overflowOf(cause)),
    },
  };
}

/** Messages about a field begin with its path: `messages[0].role: …`. */
function splitField(code: ErrorCode, message: string): { param: string | null; rest: string } {
  const { status } = openAiErrors[code];
  const about = status === 400 || status === 404 || status === 409;
  const [, field, rest = ''] = (about && /^([A-Za-z_]\w*(?:\[\d+\]|\.\w+)*)(: .*)$/s.exec(message)) || [];
  return field === undefined || field === 'request'
    ? { param: null, rest: message }
    : { param: field.replace(/\w+/g, openAiName), rest };
}

/** The engine's names of fields, where OpenAI has others. */
const names: Readonly<Record<string, string>> = {
  choices: 'n',
  maxTokens: 'max_tokens',
  topP: 'top_p',
  topK: 'top_k',
  minP: 'min_p',
  repeatPenalty: 'repeat_penalty',
  ignoreEos: 'ignore_eos',
  responseFormat: 'response_format',
  toolChoice: 'tool_choice',
  toolCalls: 'tool_calls',
  toolCallId: 'tool_call_id',
};

function openAiName(name: string): string {
  return Object.hasOwn(names, name) ? (names[name] ?? name) : name;
}

function overflowOf(cause: unknown): { n_prompt_tokens?: number; n_ctx?: number } {
  if (typeof cause !== 'object' || cause === null) return {};
  const { promptTokens, contextSize } = cause as { promptTokens?: unknown; contextSize?: unknown };
  return {
    ...(typeof promptTokens === 'number' && { n_prompt_tokens: promptTokens }),
    ...(typeof contextSize === 'number' && { n_ctx: contextSize }),
  };
}
