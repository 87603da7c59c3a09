import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

import type { Plugin } from 'vite';

const texts = /\.(css|html|js|svg|txt)$/;

const encodings = [
  { extension: '.br', compress: promisify(brotliCompress), options: {} },
  { extension: '.gz', compress: promisify(gzip), options: { level: constants.Z_BEST_COMPRESSION } },
];

/**
 * Puts `app.js.br` and `app.js.gz` beside `app.js`, for a server that sends them as they are. Brotli's default is its
 * best. (Plugins that do this reach into Vite's own; all of it is in Node.)
 */
export function compressFiles(): Plugin {
  return {
    name: 'headway:compress-files',
    apply: 'build',
    // Files of `public` are there by then, too.
    async writeBundle({ dir = '' }) {
      const names = await readdir(dir, { recursive: true });
      await Promise.all(names.filter((name) => texts.test(name)).map((name) => compressFile(join(dir, name))));
    },
  };
}

async function compressFile(path: string): Promise<void> {
  const content = await readFile(path);
  for (const { extension, compress, options } of encodings) {
    const compressed = await compress(content, options);
    if (compressed.length < content.length) await writeFile(path + extension, compressed);
  }
}
