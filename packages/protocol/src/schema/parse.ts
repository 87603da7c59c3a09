import type { z } from 'zod';

import { HeadwayError } from '../errors/headway-error.ts';
import { remedyOf, wrongType } from './remedy.ts';

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
  const issues = withoutConsequences(error.issues.flatMap(closestIssues));
  const lines = issues
    .slice(0, maxIssues)
    .map(({ path, message }) => `${shorten(formatPath(path))}: ${shorten(message)}`);
  const more = issues.length - lines.length;
  return lines.join('; ') + (more > 0 ? `; and ${more} more` : '');
}

interface Issue {
  path: readonly PropertyKey[];
  message: string;
  /** The field that says what kind of object it is has a wrong value. */
  wrongKind?: boolean;
}

/** A union's issue says nothing by itself: of its branches, the one that got furthest tells what was meant. */
function closestIssues(issue: z.core.$ZodIssue): Issue[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: [...issue.path, key], message: 'unknown field; remove it' }));
  }
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) {
    const wrongKind = issue.code === 'invalid_value' && issue.path.at(-1) === 'type';
    return [{ path: issue.path, message: remedyOf(issue), wrongKind }];
  }
  const branches = ofRightType(issue.errors);
  const types = branches.flat().flatMap((one) => (one.code === 'invalid_type' && one.path.length === 0 ? one : []));
  const [first] = types;
  if (first && types.length === branches.flat().length) {
    return [
      {
        path: issue.path,
        message: wrongType(
          types.map(({ expected }) => expected),
          first.message,
        ),
      },
    ];
  }
  const closest = branches.map((branch) => branch.flatMap(closestIssues));
  const depth = (branch: Issue[]) => Math.max(...branch.map(({ path }) => path.length));
  const best = closest.toSorted((a, b) => depth(b) - depth(a))[0] ?? [];
  if (depth(best) > 0) return best.map((one) => ({ ...one, path: [...issue.path, ...one.path] }));
  const messages = closest.flat().map(({ message }) => message);
  return [{ path: issue.path, message: messages.join(', or ') }];
}

/** Where the kind of an object is wrong, what else is wrong with it is beside the point. */
function withoutConsequences(issues: readonly Issue[]): Issue[] {
  const parent = (path: readonly PropertyKey[]) => formatPath(path.slice(0, -1));
  const wrong = new Set(issues.filter(({ wrongKind }) => wrongKind).map(({ path }) => parent(path)));
  const causes = issues.filter(({ path, wrongKind }) => wrongKind || !wrong.has(parent(path)));
  // Of one field the last complaint, which has the tightest bound.
  return [...new Map(causes.map((issue) => [formatPath(issue.path), issue])).values()];
}

/** The branches that expect the type of the given value, or all if none does. Issues of the others would mislead. */
function ofRightType(branches: z.core.$ZodIssue[][]): z.core.$ZodIssue[][] {
  const wrongType = (issue: z.core.$ZodIssue) => issue.code === 'invalid_type' && issue.path.length === 0;
  const right = branches.filter((branch) => !branch.some(wrongType));
  if (right.length === 0) return branches.map((branch) => branch.filter(wrongType));
  // A branch of fixed values reports a wrong type as a wrong value, so it does not prove that the type is right.
  const wrongValue = (issue: z.core.$ZodIssue) => issue.code === 'invalid_value' && issue.path.length === 0;
  return right.some((branch) => !branch.every(wrongValue)) ? right : branches;
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
