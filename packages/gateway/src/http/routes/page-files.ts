import { relative, sep } from 'node:path';

import staticFiles from '@fastify/static';
import type { FastifyInstance } from 'fastify';

/**
 * Serves the files of a page. It uses the compressed copies that the build made, and compresses nothing itself. The
 * gateway never compresses model output: a compressor would delay the stream, and the compressed size leaks content.
 */
export async function registerPage(scope: FastifyInstance, folder: string): Promise<void> {
  await scope.register(staticFiles, {
    root: folder,
    preCompressed: true,
    cacheControl: false,
    // Both come from size and mtime. Files in npm packages share one mtime, and the index keeps its size between versions.
    etag: false,
    lastModified: false,
    setHeaders: (reply, path) => void reply.header('cache-control', cacheControlOf(relative(folder, path))),
  });
}

/**
 * The `Cache-Control` of a page's file. A file with a content hash in its name, like Vite's `assets/app-DZJP2Ra8.js`, is
 * immutable (RFC 8246). Others, of which the largest has 3 kB, are sent each time. `path` is relative to the page's folder.
 */
export function cacheControlOf(path: string): string {
  return hashed.test(path.replaceAll(sep, '/')) ? 'public, max-age=31536000, immutable' : 'no-cache';
}

/** Vite's hash: eight characters of base64url. All lower-case letters do not count, because they may be a word. */
const hashed = /^assets\/.+-(?=[a-z_-]*[A-Z\d])[\w-]{8}\.\w+(\.br|\.gz)?$/;
