import type { ErrorCode } from './error-code.ts';
import { HeadwayError, issuesOf } from './headway-error.ts';
import type { Issue } from './issue.ts';

/** The fields of an error that every wire carries. The stack and the cause stay in the process. */
export interface ErrorData {
  code: ErrorCode;
  message: string;
  retryable: boolean;
  /** Absent if the error is about no field. */
  issues?: Issue[] | undefined;
}

export function errorData(error: HeadwayError): ErrorData {
  const { code, message, retryable } = error;
  const issues = issuesOf(error);
  return { code, message, retryable, ...(issues.length > 0 && { issues: [...issues] }) };
}

export function errorFromData({ code, message, retryable, issues }: ErrorData, options?: { cause?: unknown }) {
  return new HeadwayError(code, message, { ...options, retryable, issues });
}
