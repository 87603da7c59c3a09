import type { ErrorCode } from './error-code.ts';
import { retryableByDefault } from './retryable.ts';

export interface HeadwayErrorOptions {
  /** @default the value of `retryableByDefault` for the code */
  retryable?: boolean;
  cause?: unknown;
}

/** The one error class of Headway. Branch on `code`; `message` names the field and the remedy, for people. */
export class HeadwayError extends Error {
  override readonly name = 'HeadwayError';
  readonly code: ErrorCode;
  readonly retryable: boolean;

  constructor(code: ErrorCode, message: string, options: HeadwayErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.retryable = options.retryable ?? retryableByDefault[code];
  }
}

/** Checks name and code instead of `instanceof`, so that it also works with two copies of this package in one program. */
export function isHeadwayError(value: unknown): value is HeadwayError {
  return (
    value instanceof Error &&
    value.name === 'HeadwayError' &&
    'code' in value &&
    typeof value.code === 'string' &&
    Object.hasOwn(retryableByDefault, value.code)
  );
}

/** Whatever was thrown, as a HeadwayError: itself if it is one, else `internal` with the original as its cause. */
export function toHeadwayError(thrown: unknown, code: ErrorCode = 'internal'): HeadwayError {
  if (isHeadwayError(thrown)) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new HeadwayError(code, message, { cause: thrown });
}
