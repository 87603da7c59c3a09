import { relative, sep } from 'node:path';

import staticFiles from '@fastify/static';
import type { FastifyInstance } from 'fastify';

/**
 * The files of a page, as they were built: compressed then, not now. What the model writes is never compressed, since a
 * stream would wait for the compressor, and its size would tell of it.
 */
export async function registerPage(scope: FastifyInstance, folder: string): Promise<void> {
  await scope.register(staticFiles, {
    root: folder,
    preCompressed: true,
    cacheControl: false,
    // Made of size and time: packages have one time for all files of all versions, and the index one size.
    etag: false,
    lastModified: false,
    setHeaders: (reply, path) => void reply.header('cache-control', cacheControlOf(relative(folder, path))),
  });
}

/**
 * How long browsers may keep a file of the page: one whose name holds a hash of it, as Vite's `assets/app-DZJP2Ra8.js`,
 * for good (RFC 8246); others, of which the largest takes 3 kB, are sent each time. `path` is below the page's folder.
 */
export function cacheControlOf(path: string): string {
  return hashed.test(path.replaceAll(sep, '/')) ? 'public, max-age=31536000, immutable' : 'no-cache';
}

/** As Vite hashes: eight letters of base64url. Of all lower case they may be a word. */
const hashed = /^assets\/.+-(?=[a-z_-]*[A-Z\d])[\w-]{8}\.\w+(\.br|\.gz)?$/;
