import type { z } from 'zod';

import { HeadwayError } from './headway-error.ts';

/** Issues named in one message; the rest are counted. */
const maxIssues = 5;

/** Characters of what a caller wrote that a message repeats. */
const maxEcho = 200;

/**
 * Reads `value` by `schema`.
 *
 * @throws HeadwayError `invalid-request`, its message naming each field that is wrong and what would be right
 */
export function parse<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new HeadwayError('invalid-request', describeIssues(parsed.error), { cause: parsed.error });
}

/** A zod error in one line: `messages[0].role: …; temperature: …`. */
export function describeIssues(error: z.core.$ZodError): string {
  const issues = error.issues.flatMap(closestIssues);
  const lines = issues
    .slice(0, maxIssues)
    .map(({ path, message }) => `${shorten(formatPath(path))}: ${shorten(message)}`);
  const more = issues.length - lines.length;
  return lines.join('; ') + (more > 0 ? `; and ${more} more` : '');
}

interface Issue {
  path: readonly PropertyKey[];
  message: string;
}

/** A union's issue says nothing by itself: of its branches, the one that got furthest tells what was meant. */
function closestIssues(issue: z.core.$ZodIssue): Issue[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: [...issue.path, key], message: 'unknown field; remove it' }));
  }
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return [issue];
  const branches = ofRightType(issue.errors).map((branch) => branch.flatMap(closestIssues));
  const depth = (branch: Issue[]) => Math.max(...branch.map(({ path }) => path.length));
  const deepest = branches.toSorted((a, b) => depth(b) - depth(a));
  const best = deepest[0] ?? [];
  if (depth(best) > 0) return best.map(({ path, message }) => ({ path: [...issue.path, ...path], message }));
  return [
    {
      path: issue.path,
      message: branches
        .flat()
        .map(({ message }) => message)
        .join(', or '),
    },
  ];
}

/** The branches that wanted the type which was given, or all: the others complain of more than that, and beside the point. */
function ofRightType(branches: z.core.$ZodIssue[][]): z.core.$ZodIssue[][] {
  const wrongType = (issue: z.core.$ZodIssue) => issue.code === 'invalid_type' && issue.path.length === 0;
  const right = branches.filter((branch) => !branch.some(wrongType));
  return right.length > 0 ? right : branches.map((branch) => branch.filter(wrongType));
}

function formatPath(path: readonly PropertyKey[]): string {
  if (path.length === 0) return 'request';
  return path
    .map((key, at) => (typeof key === 'number' ? `[${key}]` : at === 0 ? String(key) : `.${String(key)}`))
    .join('');
}

function shorten(text: string): string {
  return text.length > maxEcho ? `${text.slice(0, maxEcho)}…` : text;
}
