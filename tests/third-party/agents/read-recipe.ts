import { readFileSync } from 'node:fs';

/** An agent's configuration from docs/agents.md. */
export interface Recipe {
  env: Record<string, string>;
  /** Contents of files by their path in the home folder. */
  files: Record<string, string>;
}

export interface RecipeValues {
  /** Replaces `http://127.0.0.1:4477`. */
  url: string;
  /** Replaces `my-model`. */
  model: string;
}

const docs = new URL('../../../docs/agents.md', import.meta.url);
const fence = /(?:`~\/(?<path>[^`]+)`:\n\n)?```(?<kind>\w+)\n(?<body>[\s\S]*?)```/g;
const exported = /^export (?<name>\w+)=(?<value>\S*)$/gm;

/**
 * Reads an agent's configuration from the documentation, so that the tests use the documented one: `export` lines, and
 * files after a line that names them.
 *
 * @throws Error when there is no such section, or nothing in it
 */
export function readRecipe(name: string, { url, model }: RecipeValues): Recipe {
  const sections = readFileSync(docs, 'utf8').split(/^## /m);
  const section = sections.find((text) => text.startsWith(`${name}\n`));
  const recipe: Recipe = { env: {}, files: {} };
  const filledIn = (section ?? '').replaceAll('http://127.0.0.1:4477', url).replaceAll('my-model', model);
  for (const { groups = {} } of filledIn.matchAll(fence)) {
    const { path, kind, body = '' } = groups;
    if (path !== undefined) recipe.files[path] = body;
    else if (kind === 'sh') {
      for (const { groups: line } of body.matchAll(exported)) recipe.env[line?.['name'] ?? ''] = line?.['value'] ?? '';
    }
  }
  if (Object.keys({ ...recipe.env, ...recipe.files }).length === 0) {
    throw new Error(`docs/agents.md has no section with a recipe for ${name}`);
  }
  return recipe;
}
