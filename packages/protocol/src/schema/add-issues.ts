import type { z } from 'zod';

import type { Issue, Mention } from '../errors/issue.ts';

/** Hands issues to zod, inside a refinement or a transformation; `parse` gives back path, message and mentions. */
export function addIssues(context: Pick<z.RefinementCtx, 'addIssue'>, issues: Iterable<Issue>): void {
  for (const { path, message, mentions } of issues) {
    context.addIssue({ code: 'custom', path, message, ...(mentions && { params: { mentions } }) });
  }
}

/** The fields that a message which came through `addIssues` mentions. */
export function mentionsIn(issue: z.core.$ZodIssue): Mention[] | undefined {
  return issue.code === 'custom' ? (issue.params?.mentions as Mention[] | undefined) : undefined;
}
