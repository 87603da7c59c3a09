import { formatPath, type FieldPath } from './field-path.ts';

/** A field that an issue's message names. */
export interface Mention {
  /** The offset of the name in the message, in UTF-16 code units. The name is the path in the format of `formatPath`. */
  at: number;
  path: FieldPath;
}

/** What is wrong with one field of a request. */
export interface Issue {
  /** The field; empty for the request as a whole. */
  path: FieldPath;
  /** The fault and its remedy, worded to follow the field's name: `must be a number`. */
  message: string;
  /** A valid value in words, if the schema has them: `a number`, `at most 100`. */
  expected?: string | undefined;
  /** Other fields that the message names, by offset; absent if there are none. */
  mentions?: Mention[] | undefined;
}

/** The most issues that one error keeps; it drops the rest. */
export const maxIssues = 20;

/** The most issues that a message describes; it counts the rest. */
const maxDescribed = 5;

/** A field that `sentence` mentions. */
export class Field {
  readonly path: FieldPath;

  constructor(...path: FieldPath) {
    this.path = path;
  }
}

/** Writes an issue's message so that `renameIssue` can rename its fields: ``sentence`cannot be combined with ${new Field('tools')}` ``. */
export function sentence(
  texts: TemplateStringsArray,
  ...values: readonly (string | number | Field)[]
): Pick<Issue, 'message' | 'mentions'> {
  const mentions: Mention[] = [];
  let message = texts[0] ?? '';
  for (const [at, value] of values.entries()) {
    if (value instanceof Field) mentions.push({ at: message.length, path: value.path });
    message += `${value instanceof Field ? formatPath(value.path) : value}${texts[at + 1] ?? ''}`;
  }
  return { message, ...(mentions.length > 0 && { mentions }) };
}

/** Renames an issue's path and the fields in its message; `rename` returns the other API's path. */
export function renameIssue(issue: Issue, rename: (path: FieldPath) => FieldPath): Issue {
  const { mentions = [] } = issue;
  const renamed: Mention[] = [];
  let message = '';
  let done = 0;
  for (const { at, path } of mentions) {
    const renamedPath = rename(path);
    message += issue.message.slice(done, at);
    renamed.push({ at: message.length, path: renamedPath });
    message += formatPath(renamedPath);
    done = at + formatPath(path).length;
  }
  message += issue.message.slice(done);
  return { ...issue, path: rename(issue.path), message, ...(renamed.length > 0 && { mentions: renamed }) };
}

/**
 * Lists issues in one line: `messages[0].role: …; temperature: …; and 3 more`. It describes the first five.
 *
 * @param total the number of issues found, which may exceed those kept. @default the length of `issues`
 */
export function describeIssues(issues: readonly Issue[], total = issues.length): string {
  const described = issues.slice(0, maxDescribed).map(({ path, message }) => `${formatPath(path)}: ${message}`);
  const more = total - described.length;
  return described.join('; ') + (more > 0 ? `; and ${more} more` : '');
}

/** Reads issues from another program's JSON: skips invalid ones and keeps at most 20. */
export function readIssues(value: unknown): Issue[] {
  return Array.isArray(value) ? value.slice(0, maxIssues).filter(isIssue) : [];
}

function isIssue(value: unknown): value is Issue {
  if (!isObject(value)) return false;
  const { path, message, expected, mentions = [] } = value;
  return (
    isPath(path) &&
    typeof message === 'string' &&
    (expected === undefined || typeof expected === 'string') &&
    Array.isArray(mentions) &&
    mentions.every((mention) => isObject(mention) && Number.isInteger(mention.at) && isPath(mention.path))
  );
}

function isPath(value: unknown): value is FieldPath {
  return Array.isArray(value) && value.every((step) => typeof step === 'string' || typeof step === 'number');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
