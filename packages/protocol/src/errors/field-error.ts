import type { ErrorCode } from './error-code.ts';
import { HeadwayError } from './headway-error.ts';
import { describeIssues, maxIssues, type Issue } from './issue.ts';

export interface FieldErrorOptions {
  /** @default 'invalid-request' */
  code?: ErrorCode;
  cause?: unknown;
}

/** The error of a request whose fields are wrong. Its message tells the issues; it keeps the first 20. */
export function fieldError(issue: Issue | readonly Issue[], options: FieldErrorOptions = {}): HeadwayError {
  const issues: readonly Issue[] = 'path' in issue ? [issue] : issue;
  const { code = 'invalid-request', ...cause } = options;
  return new HeadwayError(code, describeIssues(issues), { ...cause, issues: issues.slice(0, maxIssues) });
}
