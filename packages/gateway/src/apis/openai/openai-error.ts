import type { ErrorCode } from '@headway/protocol';

import { formatPlace, type AskedFormat } from '../../surface/formats/asked-format.ts';
import { cancelledByViewer } from '../../surface/cancelled-by-viewer.ts';
import { chatField, chatProse } from './chat-field.ts';
import type { ErrorDialect, FieldNames } from '../../surface/error-dialect.ts';
import { overflowCode, overflowFields } from './overflow-error.ts';

/** The HTTP status and OpenAI's error type for each code. */
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
  'generation-not-found': { status: 404, type: 'invalid_request_error' },
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
    /** The invalid field; null if the error is not about a field. */
    param: string | null;
    code:
      | Exclude<ErrorCode, 'context-overflow' | 'generation-not-found'>
      | typeof overflowCode
      | 'cancelled'
      | 'previous_response_not_found'
      | null;
    /** llama.cpp's fields of `exceed_context_size_error`. */
    n_prompt_tokens?: number;
    n_ctx?: number;
  };
}

export const chatNames: FieldNames = { field: chatField, prose: chatProse, prompt: 'messages' };

export const completionNames: FieldNames = { ...chatNames, prompt: 'prompt' };

/** The names of a request's fields whose format is said in the field that it is said in. */
export function withFormatNames(names: FieldNames, asked: AskedFormat | null): FieldNames {
  if (!asked) return names;
  const isFormat = (path: string) => path === 'responseFormat' || path.startsWith('responseFormat.');
  return {
    ...names,
    field: (path) => (isFormat(path) ? formatPlace(asked, path) : names.field(path)),
    prose: (text) =>
      names.prose(text.replace(/(?<!["\w.])responseFormat(?!["\w.])/g, formatPlace(asked, 'responseFormat'))),
  };
}

/** An error in OpenAI's shape, and in the names that OpenAI gives the fields: by default those of chat and completions. */
export function openAiErrorBody(
  { code, message, cause }: { code: ErrorCode; message: string; cause?: unknown },
  names: FieldNames = chatNames,
): OpenAiErrorBody {
  const { type } = openAiErrors[code];
  if (code === 'context-overflow') {
    return { error: { ...overflowFields({ message, cause }, names.prompt), type, code: overflowCode } };
  }
  const named = nameFields(code, message, names);
  // Of what is not there only one has a code at OpenAI.
  if (code === 'generation-not-found') {
    return {
      error: { ...named, type, code: named.param === 'previous_response_id' ? 'previous_response_not_found' : null },
    };
  }
  return { error: { ...named, type, code } };
}

/** The error for a client whose generation another viewer cancelled. */
export function openAiCancelledBody(): OpenAiErrorBody {
  const { message, code } = cancelledByViewer;
  return { error: { message, type: 'server_error', param: null, code } };
}

/** A path of names and places, or one into a schema, whose names are anybody's. */
const fieldAndRest =
  /^((?:responseFormat\.schema|tools\[\d+\]\.parameters|response_format\.json_schema\.schema|tools\[\d+\]\.function\.parameters)[.[].*?|[A-Za-z_]\w*(?:\[\d+\]|\.\w+)*): (.*)$/s;

/** Messages about fields begin with a path each: `messages[0].role: …; maxTokens: …`. `param` is the first one. */
function nameFields(code: ErrorCode, message: string, { field, prose }: FieldNames) {
  const { status } = openAiErrors[code];
  const about = status === 400 || status === 404 || status === 409;
  const [, path, rest = ''] = (about && fieldAndRest.exec(message)) || [];
  if (path === undefined || path === 'request') return { message, param: null };
  const param = field(path);
  const others = rest.replace(/(?<=; )[a-z]\w*(?:\[\d+\]|\.\w+)*(?=: )/g, field);
  return { message: `${param}: ${isInSchema(path) ? rest : prose(others)}`, param };
}

/** What is said of a schema repeats its words, which are the user's. */
function isInSchema(path: string): boolean {
  return /schema|parameters|responseFormat\.(grammar|pattern|choices)/.test(path);
}

/** For every request that is for no other API, too. */
export const openAiErrorDialect: ErrorDialect = {
  owns: () => true,
  status: (code) => openAiErrors[code].status,
  body: (error, { fieldNames }) => openAiErrorBody(error, fieldNames),
};
