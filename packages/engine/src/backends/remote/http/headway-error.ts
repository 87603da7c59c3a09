import { errorCodes, overflowOf, contextOverflow, HeadwayError, readIssues, type ErrorCode } from '@headway/protocol';

import type { FailureFault } from './failure-fault.ts';

/** An error of another Headway gateway, as this one tells it. */
export interface GatewayError {
  error: HeadwayError;
  fault: FailureFault;
}

/** What an error of a gateway means for it. */
const faults = {
  'invalid-request': 'request',
  unauthorized: 'upstream',
  forbidden: 'upstream',
  'rate-limited': 'wait',
  conflict: 'request',
  'model-not-found': 'upstream',
  'model-load-failed': 'upstream',
  'context-overflow': 'request',
  'queue-full': 'wait',
  'queue-timeout': 'request',
  'generation-timeout': 'request',
  'generation-not-found': 'upstream',
  abandoned: 'upstream',
  'engine-crashed': 'upstream',
  'upstream-failed': 'upstream',
  'connection-lost': 'upstream',
  'slow-consumer': 'upstream',
  'shutting-down': 'upstream',
  internal: 'upstream',
} as const satisfies Record<ErrorCode, FailureFault>;

/** Codes that are about this gateway as the other one's client, which clients of this one cannot help. */
const ours: ReadonlySet<ErrorCode> = new Set(['unauthorized', 'forbidden', 'model-not-found', 'generation-not-found']);

/**
 * Reads an error with Headway's code, as an event, as `{error}` or as tRPC's; null for one of another server. It keeps
 * its code, its issues and its words, but for secrets.
 */
export function readGatewayError(value: unknown, withoutSecrets: (text: string) => string): GatewayError | null {
  const said = nativeError(value);
  if (!said || ours.has(said.code)) return null;
  const { code, retryable, issues } = said;
  const message = withoutSecrets(said.message);
  const overflow = code === 'context-overflow' ? overflowOf({ message }) : null;
  const error = overflow
    ? contextOverflow(overflow.promptTokens, overflow.contextSize, overflow)
    : new HeadwayError(code, message, { retryable, issues: readIssues(issues) });
  return { error, fault: faults[code] };
}

interface NativeError {
  code: ErrorCode;
  message: string;
  /** Left out in the formats of other APIs. */
  retryable: boolean | undefined;
  issues?: unknown;
}

function nativeError(value: unknown): NativeError | null {
  if (!isObject(value)) return null;
  if (isObject(value['error'])) return nativeError(value['error']);
  const { message, data } = value;
  const fields = isObject(data) && isObject(data['headway']) ? data['headway'] : value;
  const { code, retryable, issues } = fields;
  if (typeof message !== 'string' || !isErrorCode(code)) return null;
  // OpenAI's format has Headway's code alone. Other servers write no dashes in theirs.
  if (typeof retryable !== 'boolean' && !code.includes('-')) return null;
  return { code, message, retryable: typeof retryable === 'boolean' ? retryable : undefined, issues };
}

function isErrorCode(code: unknown): code is ErrorCode {
  return errorCodes.some((known) => known === code);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
