import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The version of an installed package, by the URL to which its name resolves.
 *
 * @throws Error when no package.json above it has a version
 */
export function packageVersion(resolved: string): string {
  for (let folder = dirname(fileURLToPath(resolved)); folder !== dirname(folder); folder = dirname(folder)) {
    const version = versionIn(join(folder, 'package.json'));
    if (version !== undefined) return version;
  }
  throw new Error(`no package.json above ${resolved} has a version`);
}

/** The version in a package.json. Undefined for one in a subfolder that sets only the module type. */
function versionIn(file: string): string | undefined {
  try {
    return (JSON.parse(readFileSync(file, 'utf8')) as { version?: string }).version;
  } catch {
    return undefined;
  }
}
