import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { Readable } from 'node:stream';

import staticFiles from '@fastify/static';
import type { FastifyInstance } from 'fastify';

/**
 * Serves the files of a page. It uses the compressed copies that the build made, and compresses nothing itself. The
 * gateway never compresses model output: a compressor would delay the stream, and the compressed size leaks content.
 */
export async function registerPage(scope: FastifyInstance, folder: string): Promise<void> {
  // Without the folder the plugin logs a warning, and the API works all the same.
  const tags = existsSync(folder) ? await entityTags(folder) : new Map<string, EntityTag>();
  await scope.register(staticFiles, {
    root: folder,
    preCompressed: true,
    cacheControl: false,
    // Both come from size and mtime. Files in npm packages share one mtime, and the index keeps its size between versions.
    etag: false,
    lastModified: false,
    setHeaders: (reply, path, { size, mtimeMs }) => {
      reply.header('cache-control', cacheControlOf(relative(folder, path)));
      const tag = tags.get(path);
      // Not for a file that another build wrote since the start.
      if (tag?.size === size && tag.mtimeMs === mtimeMs) reply.header('etag', tag.value);
    },
  });

  scope.addHook('onSend', async ({ headers }, reply, payload) => {
    const tag = reply.getHeader('etag');
    if (reply.statusCode !== 200 || typeof tag !== 'string' || !matches(headers['if-none-match'], tag)) return payload;
    if (payload instanceof Readable) payload.destroy();
    reply.code(304).removeHeader('content-length').removeHeader('content-encoding').removeHeader('content-type');
    return null;
  });
}

interface EntityTag {
  value: string;
  size: number;
  mtimeMs: number;
}

/**
 * Hashes the files that browsers ask for at each visit, so that they receive only those that changed. The compressed copies
 * have tags of their own.
 */
async function entityTags(folder: string): Promise<Map<string, EntityTag>> {
  const tags = new Map<string, EntityTag>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isFile() || cacheControlOf(relative(folder, path)) === forever) continue;
    const [content, { size, mtimeMs }] = await Promise.all([readFile(path), stat(path)]);
    tags.set(path, {
      value: `"${createHash('sha256').update(content).digest('base64url').slice(0, 22)}"`,
      size,
      mtimeMs,
    });
  }
  return tags;
}

/** Whether `If-None-Match` has the tag. The comparison is weak (RFC 9110, section 13.1.2). */
function matches(header: string | undefined, tag: string): boolean {
  return header?.split(',').some((one) => one.trim() === '*' || one.trim().replace(/^W\//, '') === tag) ?? false;
}

/**
 * The `Cache-Control` of a page's file. A file with a content hash in its name, like Vite's `assets/app-DZJP2Ra8.js`, is
 * immutable (RFC 8246). Of the others a browser asks each time whether its copy is still the same. `path` is relative to
 * the page's folder.
 */
export function cacheControlOf(path: string): string {
  return hashed.test(path.replaceAll(sep, '/')) ? forever : 'no-cache';
}

const forever = 'public, max-age=31536000, immutable';

/** Vite's hash: eight characters of base64url. All lower-case letters do not count, because they may be a word. */
const hashed = /^assets\/.+-(?=[a-z_-]*[A-Z\d])[\w-]{8}\.\w+(\.br|\.gz)?$/;
