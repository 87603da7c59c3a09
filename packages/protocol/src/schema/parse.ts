import type { z } from 'zod';

import { formatPath, type FieldPath } from '../errors/field-path.ts';
import { describeIssues, maxIssues, type Issue } from '../errors/issue.ts';
import { HeadwayError } from '../errors/headway-error.ts';
import { mentionsIn } from './add-issues.ts';
import { remedyOf, wrongType } from './remedy.ts';

/** The most characters of the caller's input that a path or a message repeats. */
const maxEcho = 200;

/**
 * Parses `value` with `schema`.
 *
 * @throws HeadwayError `invalid-request` with an issue for each wrong field: the fault and the remedy
 */
export function parse<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw errorOfZod(parsed.error);
}

/** Converts zod's error to the error that `parse` throws. */
export function errorOfZod(error: z.core.$ZodError): HeadwayError {
  const found = withoutConsequences(error.issues.flatMap(closestIssues));
  const issues = found.slice(0, maxIssues).map(bounded);
  const [message, issueCount] = [describeIssues(issues, found.length), found.length];
  return new HeadwayError('invalid-request', message, { cause: error, issues, issueCount });
}

interface FoundIssue extends Omit<Issue, 'path'> {
  path: readonly PropertyKey[];
  /** Whether the wrong field is an object's `type`. */
  wrongKind?: boolean;
}

/** The issues to report for one of zod's. For a union, those of the branch that fails deepest, since it fits best. */
function closestIssues(issue: z.core.$ZodIssue): FoundIssue[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: [...issue.path, key], message: 'unknown field; remove it' }));
  }
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) {
    const wrongKind = issue.code === 'invalid_value' && issue.path.at(-1) === 'type';
    return [{ path: issue.path, ...remedyOf(issue), mentions: mentionsIn(issue), wrongKind }];
  }
  const branches = ofRightType(issue.errors);
  const types = branches.flat().filter(isWrongRootType);
  const [first] = types;
  if (first && types.length === branches.flat().length) {
    return [
      {
        path: issue.path,
        ...wrongType(
          types.map(({ expected }) => expected),
          first.message,
        ),
      },
    ];
  }
  const closest = branches.map((branch) => branch.flatMap(closestIssues));
  const depth = (branch: FoundIssue[]) => Math.max(...branch.map(({ path }) => path.length));
  const best = closest.toSorted((a, b) => depth(b) - depth(a))[0] ?? [];
  if (depth(best) > 0) return best.map((one) => ({ ...one, path: [...issue.path, ...one.path] }));
  const messages = new Set(closest.flat().map(({ message }) => message));
  return [{ path: issue.path, message: [...messages].join(', or ') }];
}

/** Drops the other issues of an object whose `type` is wrong, since they follow from it. */
function withoutConsequences(issues: readonly FoundIssue[]): FoundIssue[] {
  const parent = (path: readonly PropertyKey[]) => keyOf(path.slice(0, -1));
  const wrong = new Set(issues.filter(({ wrongKind }) => wrongKind).map(({ path }) => parent(path)));
  const causes = issues.filter(({ path, wrongKind }) => wrongKind || !wrong.has(parent(path)));
  // Keep the last of a field's issues: it has the tightest bound.
  return [...new Map(causes.map((issue) => [keyOf(issue.path), issue])).values()];
}

/** The branches that expect the type of the value, or all if none does. Issues of the other branches would mislead. */
function ofRightType(branches: z.core.$ZodIssue[][]): z.core.$ZodIssue[][] {
  const right = branches.filter((branch) => !branch.some(isWrongRootType));
  if (right.length === 0) return branches.map((branch) => branch.filter(isWrongRootType));
  // A branch of fixed values reports a wrong type as a wrong value, so it proves nothing about the type.
  const wrongValue = (issue: z.core.$ZodIssue) => issue.code === 'invalid_value' && issue.path.length === 0;
  return right.some((branch) => !branch.every(wrongValue)) ? right : branches;
}

function isWrongRootType(issue: z.core.$ZodIssue): issue is z.core.$ZodIssueInvalidType {
  return issue.code === 'invalid_type' && issue.path.length === 0;
}

/** Shortens an issue's texts to `maxEcho` characters and drops the mentions that this cuts. */
function bounded({ path, message, expected, mentions }: FoundIssue): Issue {
  const kept = mentions?.filter(({ at, path: named }) => at + formatPath(named).length <= maxEcho) ?? [];
  return {
    path: boundedPath(path),
    message: shorten(message),
    ...(expected !== undefined && { expected: shorten(expected) }),
    ...(kept.length > 0 && { mentions: kept }),
  };
}

/** Cuts a path at `maxEcho` characters, inside the step that exceeds them. */
function boundedPath(path: readonly PropertyKey[]): FieldPath {
  const steps: FieldPath = [];
  let left = maxEcho;
  for (const step of path.map((key) => (typeof key === 'number' ? key : String(key)))) {
    const length = String(step).length;
    if (length > left) return [...steps, `${String(step).slice(0, left)}…`];
    left -= length;
    steps.push(step);
  }
  return steps;
}

function keyOf(path: readonly PropertyKey[]): string {
  return JSON.stringify(path.map((key) => (typeof key === 'symbol' ? String(key) : key)));
}

function shorten(text: string): string {
  return text.length > maxEcho ? `${text.slice(0, maxEcho)}…` : text;
}
