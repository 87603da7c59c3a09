import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** The absolute path of a path in a config file: from the file's folder, `~/` from the home folder. */
export function configPath(folder: string, path: string): string {
  return /^~[/\\]/.test(path) ? join(homedir(), path.slice(2)) : resolve(folder, path);
}
