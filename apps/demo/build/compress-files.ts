import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

import type { Plugin } from 'vite';

const texts = /\.(css|html|js|mjs|svg|txt|webmanifest)$/;

const encodings = [
  { extension: '.br', compress: promisify(brotliCompress), options: {} },
  { extension: '.gz', compress: promisify(gzip), options: { level: constants.Z_BEST_COMPRESSION } },
];

/**
 * Writes `app.js.br` and `app.js.gz` next to `app.js`, which the gateway sends as they are. Brotli's default level is its
 * highest. Node has both compressors, so this needs no plugin package.
 */
export function compressFiles(): Plugin {
  return {
    name: 'headway:compress-files',
    apply: 'build',
    // Vite has copied the files of `public` by then.
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
