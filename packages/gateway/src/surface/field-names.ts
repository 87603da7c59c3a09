import {
  describeIssues,
  formatPath,
  issuesOf,
  readPath,
  renameIssue,
  type FieldPath,
  type Issue,
} from '@headway/protocol';

import type { AskedTools } from './tools/asked-tools.ts';

/** What an API calls the fields of one request that the engine has other names for. */
export interface FieldNames {
  /** The path in the request of a field of the engine's. */
  path: (path: FieldPath) => FieldPath;
  /** The field with the prompt. */
  prompt: 'messages' | 'prompt' | 'input';
}

/** The engine's paths and an API's, `[]` for any index: `{ 'tools[].name': 'tools[].function.name' }`. */
export type FieldTable = Readonly<Record<string, string>>;

/** The longest row that a path begins with renames that beginning; what follows, and what has no row, keeps its name. */
export function fieldNames(table: FieldTable, prompt: FieldNames['prompt']): FieldNames {
  const rows = Object.entries(table)
    .map(([engine, there]) => ({ engine: stepsOf(engine), there: stepsOf(there) }))
    .toSorted((a, b) => b.engine.length - a.engine.length);
  return {
    prompt,
    path(path) {
      const row = rows.find(({ engine }) => engine.every((step, at) => fits(step, path[at])));
      if (!row) return path;
      const indices = path.filter((step, at) => row.engine[at] === anyIndex);
      const there = row.there.map((step) => (step === anyIndex ? (indices.shift() ?? step) : step));
      return [...there, ...path.slice(row.engine.length)];
    },
  };
}

/** The same names for a request of which the engine knows some tools only: each has its place in the request. */
export function withToolPlaces(names: FieldNames, { places }: Pick<AskedTools, 'places'>): FieldNames {
  return {
    ...names,
    path(path) {
      const [list, at] = path;
      const place = list === 'tools' && typeof at === 'number' ? places[at] : undefined;
      return place ? [...place, ...names.path(path).slice(2)] : names.path(path);
    },
  };
}

/** An error's message and issues in an API's names; the prose is made of the issues. @default as they are */
export function renameError(
  error: { message: string; issues?: readonly Issue[] | undefined },
  names: FieldNames | undefined,
): { message: string; issues: readonly Issue[] } {
  const issues = issuesOf(error);
  if (!names || issues.length === 0) return { message: error.message, issues };
  const renamed = issues.map((issue) => renameIssue(issue, names.path));
  return { message: describeIssues(renamed), issues: renamed };
}

/** A path as text in an API's names; an end that was cut stays as it is. */
export function renamePath(text: string, names: FieldNames): string {
  const { path, rest } = readPath(text);
  return formatPath(names.path(path)) + rest;
}

const anyIndex = '[]';

function stepsOf(path: string): string[] {
  return path.replaceAll(anyIndex, `.${anyIndex}`).split('.');
}

function fits(step: string, given: string | number | undefined): boolean {
  return step === anyIndex ? typeof given === 'number' : step === given;
}
