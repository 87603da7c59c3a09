import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The folder of the built page: next to `dist` in the package, `apps/demo/dist` in the repository; undefined if it was not built. */
export function findPage(): string | undefined {
  return ['../../page/', '../../../../apps/demo/dist/']
    .map((folder) => fileURLToPath(new URL(folder, import.meta.url)))
    .find((folder) => existsSync(`${folder}index.html`));
}
