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

/** An API's names for the fields of one request that the engine names differently. */
export interface FieldNames {
  /** Converts the engine's path of a field to its path in the request. */
  path: (path: FieldPath) => FieldPath;
  /** The field with the prompt. */
  prompt: 'messages' | 'prompt' | 'input';
}

/** Maps the engine's paths to an API's; `[]` stands for any index: `{ 'tools[].name': 'tools[].function.name' }`. */
export type FieldTable = Readonly<Record<string, string>>;

/** Names by a table. The longest row that a path begins with renames that beginning; all other steps keep their names. */
export function fieldNames(table: FieldTable, prompt: FieldNames['prompt']): FieldNames {
  const rows = Object.entries(table)
    .map(([engine, api]) => ({ engine: stepsOf(engine), api: stepsOf(api) }))
    .toSorted((a, b) => b.engine.length - a.engine.length);
  return {
    prompt,
    path(path) {
      const row = rows.find(({ engine }) => engine.every((step, at) => fits(step, path[at])));
      if (!row) return path;
      const indices = path.filter((step, at) => row.engine[at] === anyIndex);
      const renamed = row.api.map((step) => (step === anyIndex ? (indices.shift() ?? step) : step));
      return [...renamed, ...path.slice(row.engine.length)];
    },
  };
}

/** The same names where the engine gets only some of the request's tools: a tool's index becomes its path in the request. */
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

/** Converts an error's issues to an API's names and rebuilds the message from them. Without `names` both stay. */
export function renameError(
  error: { message: string; issues?: readonly Issue[] | undefined; issueCount?: number },
  names: FieldNames | undefined,
): { message: string; issues: readonly Issue[] } {
  const issues = issuesOf(error);
  if (!names || issues.length === 0) return { message: error.message, issues };
  const renamed = issues.map((issue) => renameIssue(issue, names.path));
  return { message: describeIssues(renamed, error.issueCount), issues: renamed };
}

/** Converts a path in text form to an API's names; a cut end stays. */
export function renamePath(text: string, names: FieldNames): string {
  const { path, rest } = readPath(text);
  return formatPath(names.path(path)) + rest;
}

const anyIndex = '[]';

function stepsOf(path: string): string[] {
  return path.replaceAll(anyIndex, `.${anyIndex}`).split('.');
}

function fits(step: string, pathStep: string | number | undefined): boolean {
  return step === anyIndex ? typeof pathStep === 'number' : step === pathStep;
}
