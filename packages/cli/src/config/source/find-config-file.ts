import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { HeadwayError } from '@headway/protocol';

const endings = ['json', 'yaml', 'yml', 'ts', 'mjs', 'js'] as const;

/** The names of a config file that is found without being named. */
export const configFileNames = endings.map((ending) => `headway.config.${ending}`);

/**
 * The name of the config file in a folder; null if there is none.
 *
 * @throws HeadwayError `invalid-request` if there are several
 */
export function findConfigFile(folder: string): string | null {
  const found = configFileNames.filter((name) => existsSync(join(folder, name)));
  const [name = null, ...more] = found;
  if (more.length === 0) return name;
  throw new HeadwayError(
    'invalid-request',
    `this folder has several config files: ${found.join(', ')}; keep one of them, or choose it with --config`,
  );
}
