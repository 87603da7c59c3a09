import { readFile } from 'node:fs/promises';

import type { Plugin } from 'vite';

/** Puts the font's licence, which has to come with each copy of the font, next to the built page. */
export function fontLicence(): Plugin {
  return {
    name: 'headway:font-licence',
    apply: 'build',
    async buildStart() {
      const source = await readFile(new URL('../font/LICENSE.txt', import.meta.url), 'utf8');
      this.emitFile({ type: 'asset', fileName: 'assets/inter-licence.txt', source });
    },
  };
}
