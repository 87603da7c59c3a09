import type { ErrorCode } from './error-code.ts';
import { HeadwayError } from './headway-error.ts';
import { describeIssues, maxIssues, type Issue } from './issue.ts';

export interface FieldErrorOptions {
  /** @default 'invalid-request' */
  code?: ErrorCode;
  cause?: unknown;
}

/** Makes the error for wrong fields. It keeps the first 20 issues; its message lists the first 5 and counts the rest. */
export function fieldError(issue: Issue | readonly Issue[], options: FieldErrorOptions = {}): HeadwayError {
  const issues: readonly Issue[] = 'path' in issue ? [issue] : issue;
  const { code = 'invalid-request', ...cause } = options;
  return new HeadwayError(code, describeIssues(issues), {
    ...cause,
    issues: issues.slice(0, maxIssues),
    issueCount: issues.length,
  });
}
