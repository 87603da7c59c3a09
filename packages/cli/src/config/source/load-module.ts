import { pathToFileURL } from 'node:url';

import { createJiti } from 'jiti';

import type { ConfigProblem } from './config-problem.ts';

/** What a module exports by default, or why it cannot be run. */
export type LoadedModule = { value: unknown } | { problem: ConfigProblem };

/**
 * Runs a config file that is a module. TypeScript's types are stripped, not checked. What the module throws is not
 * repeated, since it may hold parts of the file: its kind and place have to do.
 */
export async function loadModule(path: string): Promise<LoadedModule> {
  try {
    const jiti = createJiti(pathToFileURL(path).href, { fsCache: false, moduleCache: false });
    const module: unknown = await jiti.import(path);
    if (typeof module !== 'object' || module === null || !('default' in module))
      return { problem: { path: [], message: 'exports nothing by default; write export default { … }' } };
    const value = module.default;
    return typeof value === 'function'
      ? { problem: { path: [], message: 'exports a function; export the object that it returns' } }
      : { value };
  } catch (thrown) {
    return {
      problem: { path: [], message: `cannot be run (${kindOf(thrown)}); mend it there`, ...placeOf(thrown, path) },
    };
  }
}

function kindOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return 'it throws';
  const code = 'code' in thrown && /^[A-Z_]+$/.test(String(thrown.code)) ? ` ${String(thrown.code)}` : '';
  return `${/^\w{1,40}$/.test(thrown.name) ? thrown.name : 'Error'}${code}`;
}

/** The line in the module at which it failed, from the stack or the parser's message. */
function placeOf(thrown: unknown, path: string): Pick<ConfigProblem, 'line' | 'column'> {
  const text = thrown instanceof Error ? `${thrown.stack ?? ''}\n${thrown.message}` : '';
  for (const part of text.split(path).slice(1)) {
    const [, line, column] = /^:(\d+):(\d+)/.exec(part) ?? [];
    if (line !== undefined) return { line: Number(line), column: Number(column) };
  }
  const [, line, column] = /\((\d+):(\d+)\)/.exec(text) ?? [];
  return line === undefined ? {} : { line: Number(line), column: Number(column) + 1 };
}
