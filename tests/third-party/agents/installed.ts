import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { installed, newerNode } from '../newer-node.ts';
import type { Agent } from './agent.ts';

const modules = fileURLToPath(new URL('node_modules', import.meta.url));

/** @throws Error with the remedy when the agent is not installed */
export function versionOf(agent: Agent): string {
  const { version } = JSON.parse(readFileSync(find(agent.package, 'package.json'), 'utf8')) as { version: string };
  return version;
}

/**
 * The command that starts the agent: a Node and the file to run.
 *
 * @throws Error with the remedy when it is not installed, or there is no Node for this machine
 */
export function commandOf(agent: Agent): [string, string] {
  return [agent.newerNode ? newerNode(modules) : process.execPath, find(agent.package, agent.entry)];
}

function find(name: string, file: string): string {
  return installed(join(modules, name, file));
}
