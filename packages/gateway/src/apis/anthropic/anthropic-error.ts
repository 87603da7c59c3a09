import { leastRoom, overflowOf, type ErrorCode, type Issue } from '@headway/protocol';

import { cancelledByViewer } from '../../surface/cancelled-by-viewer.ts';
import type { ErrorDialect } from '../../surface/error-dialect.ts';
import { renameError, type FieldNames } from '../../surface/field-names.ts';
import { requestIdHeader } from './request-id.ts';
import { isAnthropicRequest } from './is-anthropic-request.ts';
import { threadUnsupported } from './request/refuse-thread.ts';

/** Anthropic's error types that the gateway uses. */
export type AnthropicErrorType =
  | 'invalid_request_error'
  | 'authentication_error'
  | 'permission_error'
  | 'not_found_error'
  | 'request_too_large'
  | 'rate_limit_error'
  | 'timeout_error'
  | 'conflict_error'
  | 'overloaded_error'
  | 'api_error';

/**
 * The HTTP status and Anthropic's error type for each code. A full queue is 529, since the server is busy for all clients;
 * 429 is for one client that sends too many requests.
 */
export const anthropicErrors = {
  'invalid-request': { status: 400, type: 'invalid_request_error' },
  unauthorized: { status: 401, type: 'authentication_error' },
  forbidden: { status: 403, type: 'permission_error' },
  'rate-limited': { status: 429, type: 'rate_limit_error' },
  conflict: { status: 409, type: 'conflict_error' },
  'model-not-found': { status: 404, type: 'not_found_error' },
  'model-load-failed': { status: 503, type: 'api_error' },
  'context-overflow': { status: 400, type: 'invalid_request_error' },
  'queue-full': { status: 529, type: 'overloaded_error' },
  'queue-timeout': { status: 529, type: 'overloaded_error' },
  'generation-timeout': { status: 504, type: 'timeout_error' },
  'generation-not-found': { status: 404, type: 'not_found_error' },
  abandoned: { status: 499, type: 'api_error' },
  cancelled: { status: cancelledByViewer.status, type: 'api_error' },
  'engine-crashed': { status: 500, type: 'api_error' },
  'upstream-failed': { status: 502, type: 'api_error' },
  'connection-lost': { status: 502, type: 'api_error' },
  'slow-consumer': { status: 499, type: 'api_error' },
  'shutting-down': { status: 503, type: 'api_error' },
  internal: { status: 500, type: 'api_error' },
} as const satisfies Record<ErrorCode | 'cancelled', { status: number; type: AnthropicErrorType }>;

export interface AnthropicErrorBody {
  type: 'error';
  error: {
    type: AnthropicErrorType;
    message: string;
    /** Anthropic's SDKs read a code here that is finer than the type. */
    details: {
      error_code: ErrorCode | 'cancelled' | typeof threadUnsupported.error_code;
      prompt_tokens?: number;
      context_size?: number;
    };
  };
  request_id: string | null;
}

export interface AnthropicErrorOptions {
  /** The request's id, as in the header `request-id`. @default none */
  requestId?: string | null;
  /** The answer's status, for HTTP errors that have no code of their own. @default the code's status */
  status?: number | undefined;
  /** The request's names for the engine's fields. @default the engine's own names */
  names?: FieldNames | undefined;
}

/** The fields of an error that Anthropic's format reports. */
interface ReportedError {
  code: ErrorCode | 'cancelled';
  message: string;
  cause?: unknown;
  issues?: readonly Issue[] | undefined;
}

/** Converts an error to Anthropic's format. */
export function anthropicErrorBody(
  error: ReportedError,
  { requestId = null, status, names }: AnthropicErrorOptions = {},
): AnthropicErrorBody {
  const { code, cause } = error;
  return {
    type: 'error',
    error: {
      type: typeByStatus(status) ?? anthropicErrors[code].type,
      ...(code === 'context-overflow'
        ? tooLong(error)
        : {
            message: renameError(error, names).message,
            details: cause === threadUnsupported ? threadUnsupported : { error_code: code },
          }),
    },
    request_id: requestId,
  };
}

/** The error for a client whose generation another viewer cancelled. */
export function anthropicCancelledBody(requestId: string | null): AnthropicErrorBody {
  const { code, message } = cancelledByViewer;
  return anthropicErrorBody({ code, message }, { requestId });
}

/** Error types for statuses that are finer than the code `invalid-request`. */
function typeByStatus(status: number | undefined): AnthropicErrorType | null {
  if (status === 404) return 'not_found_error';
  return status === 413 ? 'request_too_large' : null;
}

/** Clients parse both numbers from the message; their difference is the number of tokens to remove. */
function tooLong(error: {
  message: string;
  cause?: unknown;
}): Pick<AnthropicErrorBody['error'], 'message' | 'details'> {
  const overflow = overflowOf(error);
  const error_code = 'context-overflow';
  if (!overflow) return { message: `prompt is too long: ${error.message}`, details: { error_code } };
  const { promptTokens, contextSize, atLeast } = overflow;
  return {
    message:
      `prompt is too long: ${atLeast ? 'at least ' : ''}${promptTokens} tokens > ${contextSize - leastRoom} maximum; ` +
      `prompt and answer share ${contextSize}; shorten the prompt, or serve the model with a larger --ctx`,
    details: { error_code, prompt_tokens: promptTokens, context_size: contextSize },
  };
}

export const anthropicErrorDialect: ErrorDialect = {
  owns: isAnthropicRequest,
  status: (code) => anthropicErrors[code].status,
  body: (error, { status, requestId, fieldNames: names }) => anthropicErrorBody(error, { status, requestId, names }),
  requestIdHeader,
};
