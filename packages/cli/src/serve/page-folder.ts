import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The folder of the built page, `apps/demo/dist` in the repository; undefined if it was not built. */
export function findPage(): string | undefined {
  const folder = fileURLToPath(new URL('../../../../apps/demo/dist/', import.meta.url));
  return existsSync(`${folder}index.html`) ? folder : undefined;
}
