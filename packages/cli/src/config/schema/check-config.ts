import { errorOfZod, type FieldPath, type Issue } from '@headway/protocol';
import { z } from 'zod';

import { configSchema, type ParsedConfig } from './config-schema.ts';
import { modelFaults } from './model-faults.ts';
import { unknownField } from './unknown-field.ts';

/** What is wrong with one field of a config file. */
export interface ConfigIssue extends Pick<Issue, 'path' | 'message'> {
  /** Whether the field's name is wrong, and not its value. */
  atName?: true;
}

export interface CheckedConfig {
  /** Null if there are issues. */
  config: ParsedConfig | null;
  /** Every fault, one for a field; no text in them repeats a value of the file. */
  issues: ConfigIssue[];
}

/** Checks the content of a config file against the schema and the rules between its fields. */
export function checkConfig(file: unknown): CheckedConfig {
  if (typeof file !== 'object' || file === null || Array.isArray(file)) {
    return { config: null, issues: [{ path: [], message: 'must be an object with fields; begin with port: 4477' }] };
  }
  const parsed = configSchema.safeParse(file);
  const found: ConfigIssue[] = [...(parsed.error?.issues ?? []).flatMap(issuesOf), ...modelFaults(file)];
  const issues = [...new Map(found.map((issue) => [JSON.stringify(issue.path), issue])).values()];
  return { config: issues.length === 0 && parsed.success ? parsed.data : null, issues };
}

function issuesOf(issue: z.core.$ZodIssue): ConfigIssue[] {
  if (issue.code !== 'unrecognized_keys') return [...errorOfZod(new z.core.$ZodError([issue])).issues];
  const path = issue.path.filter((step) => typeof step !== 'symbol') satisfies FieldPath;
  return issue.keys.map((name) =>
    looksLikeName(name)
      ? { path: [...path, name], message: unknownField(path, name), atName: true }
      : { path, message: 'has an unknown field, whose name is left out here since it may be a key; remove it' },
  );
}

/** Whether a name can be shown. A slip of the pen makes a key the name of a field. */
function looksLikeName(name: string): boolean {
  return /^\$?[a-z_-]{1,30}\d{0,2}$/i.test(name);
}
