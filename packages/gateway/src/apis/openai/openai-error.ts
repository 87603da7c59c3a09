import { formatPath, type ErrorCode, type Issue } from '@headway/protocol';

import { cancelledByViewer } from '../../surface/cancelled-by-viewer.ts';
import type { ErrorDialect } from '../../surface/error-dialect.ts';
import { renameError, type FieldNames } from '../../surface/field-names.ts';
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
    /** The invalid field; null if the error is about no field. */
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

/** The fields of an error that OpenAI's format reports. */
interface ReportedError {
  code: ErrorCode;
  message: string;
  cause?: unknown;
  issues?: readonly Issue[] | undefined;
}

/** Converts an error to OpenAI's format. @default `names` the engine's own names */
export function openAiErrorBody(error: ReportedError, names?: FieldNames): OpenAiErrorBody {
  const { code } = error;
  const { type } = openAiErrors[code];
  if (code === 'context-overflow') {
    return { error: { ...overflowFields(error, names?.prompt ?? 'messages'), type, code: overflowCode } };
  }
  const { message, issues } = renameError(error, names);
  const path = issues[0]?.path ?? [];
  const named = { message, param: path.length > 0 ? formatPath(path) : null };
  // Of the errors about a missing object, OpenAI has a code for this one only.
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

/** The dialect of OpenAI's APIs, and of requests that belong to no API. */
export const openAiErrorDialect: ErrorDialect = {
  owns: () => true,
  status: (code) => openAiErrors[code].status,
  body: (error, { fieldNames }) => openAiErrorBody(error, fieldNames),
};
