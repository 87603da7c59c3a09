import { createReadStream } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';

import type { Plugin } from 'vite';

const folder = join(dirname(createRequire(import.meta.url).resolve('pdfjs-dist/package.json')), 'cmaps');

/** As in `src/documents/read/read-pdf.ts`. */
const cmapsPath = 'cmaps/';

/**
 * Adds pdf.js' character maps (1.2 MB in 168 files, and their licence) to the page. Many Chinese, Japanese and Korean PDFs name one of them
 * instead of saying which character a glyph is; pdf.js fetches the one or two that a PDF needs.
 */
export function pdfCmaps(): Plugin {
  return {
    name: 'headway:pdf-cmaps',
    configureServer({ middlewares }) {
      middlewares.use(`/${cmapsPath}`, (request, response) => {
        createReadStream(join(folder, basename(request.url ?? '')))
          .on('error', () => response.writeHead(404).end())
          .pipe(response);
      });
    },
    async generateBundle() {
      for (const name of (await readdir(folder)).filter((file) => file.endsWith('.bcmap') || file === 'LICENSE'))
        this.emitFile({ type: 'asset', fileName: cmapsPath + name, source: await readFile(join(folder, name)) });
    },
  };
}
