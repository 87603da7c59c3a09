import type { ErrorCode } from './error-code.ts';
import type { Issue } from './issue.ts';
import { retryableByDefault } from './retryable.ts';

export interface HeadwayErrorOptions {
  /** @default the value of `retryableByDefault` for the code */
  retryable?: boolean;
  cause?: unknown;
  /** One entry for each wrong field. @default none */
  issues?: readonly Issue[] | undefined;
  /** How many issues there were before they were cut to 20. @default as many as `issues` */
  issueCount?: number | undefined;
}

/** Headway's only error class. Programs branch on `code`; `message` names the field and the remedy for people. */
export class HeadwayError extends Error {
  override readonly name = 'HeadwayError';
  readonly code: ErrorCode;
  readonly retryable: boolean;
  /** One entry for each wrong field, at most 20; empty if the error is about no field. */
  readonly issues: readonly Issue[];
  /** How many issues there were; those beyond 20 are counted only. It does not cross a wire. */
  readonly issueCount: number;

  constructor(code: ErrorCode, message: string, options: HeadwayErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.retryable = options.retryable ?? retryableByDefault[code];
    this.issues = options.issues ?? [];
    this.issueCount = options.issueCount ?? this.issues.length;
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

/** An error's issues; an empty list for an error of an older copy of this package, which lacks the field. */
export function issuesOf({ issues }: { issues?: readonly Issue[] | undefined }): readonly Issue[] {
  return issues ?? [];
}

/** Returns a HeadwayError unchanged. Any other thrown value becomes the cause of a new error with `code`. */
export function toHeadwayError(thrown: unknown, code: ErrorCode = 'internal'): HeadwayError {
  if (isHeadwayError(thrown)) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new HeadwayError(code, message, { cause: thrown });
}
