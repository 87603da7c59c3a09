import { formatPath, type FieldPath } from './field-path.ts';

/** A field that the message of an issue names. */
export interface Mention {
  /** Where in the message its name begins, in UTF-16 code units; there it is written as `formatPath` writes it. */
  at: number;
  path: FieldPath;
}

/** What is wrong with one field of a request. */
export interface Issue {
  /** The field; empty: the request as a whole. */
  path: FieldPath;
  /** What is wrong and the remedy, as it goes on behind the field's name. */
  message: string;
  /** What would be right, where a schema says so: `a number`, `at most 100`. */
  expected?: string | undefined;
  /** Other fields that the message names, in the order of their places; left out for none. */
  mentions?: Mention[] | undefined;
}

/** Issues that one error carries; the others are dropped. */
export const maxIssues = 20;

/** Issues that one sentence tells; the others are counted. */
const maxTold = 5;

/** A field for `sentence` to mention. */
export class Field {
  readonly path: FieldPath;

  constructor(...path: FieldPath) {
    this.path = path;
  }
}

/** The message of an issue whose fields can be renamed: ``sentence`does not go with ${new Field('tools')}` ``. */
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

/** An issue in the names of another API; `rename` gives the path there. */
export function renameIssue(issue: Issue, rename: (path: FieldPath) => FieldPath): Issue {
  const { mentions = [] } = issue;
  const renamed: Mention[] = [];
  let message = '';
  let done = 0;
  for (const { at, path } of mentions) {
    const there = rename(path);
    message += issue.message.slice(done, at);
    renamed.push({ at: message.length, path: there });
    message += formatPath(there);
    done = at + formatPath(path).length;
  }
  message += issue.message.slice(done);
  return { ...issue, path: rename(issue.path), message, ...(renamed.length > 0 && { mentions: renamed }) };
}

/**
 * Issues in one line: `messages[0].role: …; temperature: …`. Of more than five the others are counted; `total` is how
 * many there were. @default as many as there are
 */
export function describeIssues(issues: readonly Issue[], total = issues.length): string {
  const told = issues.slice(0, maxTold).map(({ path, message }) => `${formatPath(path)}: ${message}`);
  const more = total - told.length;
  return told.join('; ') + (more > 0 ? `; and ${more} more` : '');
}

/** Of what came from another program, the issues that can be read. */
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
