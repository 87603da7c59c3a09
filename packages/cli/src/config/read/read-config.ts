import { readFile } from 'node:fs/promises';
import { dirname, extname, resolve } from 'node:path';

import { checkConfig, type ConfigIssue } from '../schema/check-config.ts';
import type { ServeConfig } from '../serve-config.ts';
import type { ConfigProblem } from '../source/config-problem.ts';
import { configFileNames } from '../source/find-config-file.ts';
import { resolveConfig } from './resolve-config.ts';
import type { ConfigSource, Locate } from '../source/parse-source.ts';

/** A config file as read. */
export interface ReadConfig {
  /** Null if there are problems. */
  config: ServeConfig | null;
  problems: ConfigProblem[];
  /** The place of a field in the file. */
  locate: Locate;
}

/** The most bytes of a config file. */
const mostBytes = 4 * 1024 * 1024;

/** Reads a config file and checks all of it. It throws nothing: whatever is wrong is a problem with its remedy. */
export async function readConfig(file: string, cwd = process.cwd()): Promise<ReadConfig> {
  const path = resolve(cwd, file);
  try {
    const { value, problems, locate } = await readSource(path);
    if (problems.length > 0) return { config: null, problems, locate };
    const placed = (issues: readonly ConfigIssue[]) =>
      issues.map((issue) => ({ path: issue.path, message: issue.message, ...locate(issue) })).toSorted(byPlace);
    const checked = checkConfig(value);
    if (checked.config === null) return { config: null, problems: placed(checked.issues), locate };
    const { config, issues } = await resolveConfig(checked.config, dirname(path));
    return { config: issues.length === 0 ? config : null, problems: placed(issues), locate };
  } catch {
    // Only a module's object can fail here: one whose fields throw when they are read.
    return failed('cannot be checked: its fields are no plain values; write them out');
  }
}

async function readSource(path: string): Promise<ConfigSource> {
  const ending = extname(path);
  switch (ending) {
    case '.ts':
    case '.mjs':
    case '.js': {
      const missing = await whyUnreadable(path);
      if (missing !== null) return failedSource({ path: [], message: missing });
      const { loadModule } = await import('../source/load-module.ts');
      const loaded = await loadModule(path);
      return 'problem' in loaded
        ? failedSource(loaded.problem)
        : { value: loaded.value, problems: [], locate: () => ({}) };
    }
    case '.json':
    case '.yaml':
    case '.yml': {
      const text = await readText(path);
      if (typeof text !== 'string') return failedSource({ path: [], message: text.why });
      const { parseSource } = await import('../source/parse-source.ts');
      return parseSource(text, { json: ending === '.json' });
    }
    default:
      return failedSource({ path: [], message: `is of no known kind; name it like ${configFileNames.join(', ')}` });
  }
}

async function whyUnreadable(path: string): Promise<string | null> {
  const text = await readText(path);
  return typeof text === 'string' ? null : text.why;
}

async function readText(path: string): Promise<string | { why: string }> {
  try {
    const bytes = await readFile(path);
    if (bytes.length > mostBytes) return { why: 'is larger than 4 MiB; name a config file' };
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (thrown) {
    const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
    if (code === 'ENOENT') return { why: 'there is no such file; check its path' };
    if (code === 'EISDIR') return { why: 'is a folder; name the file in it' };
    if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return { why: 'is not UTF-8; save it as UTF-8' };
    return { why: `cannot be read${/^E[A-Z]+$/.test(code) ? ` (${code})` : ''}; check the file and its owner` };
  }
}

function failed(message: string): ReadConfig {
  return { config: null, problems: [{ path: [], message }], locate: () => ({}) };
}

function failedSource(problem: ConfigProblem): ConfigSource {
  return { value: null, problems: [problem], locate: () => ({}) };
}

function byPlace(a: ConfigProblem, b: ConfigProblem): number {
  return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);
}
