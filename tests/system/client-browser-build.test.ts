import { builtinModules } from 'node:module';
import { fileURLToPath } from 'node:url';
import { createContext, runInContext } from 'node:vm';

import type { createClient } from '@headway/client';
import { build, type Rolldown } from 'vite';
import { describe, expect, test } from 'vitest';

/** Bundles the client for the browser into one script that sets `headway`. */
async function bundle(entry: string, external: string[] = []): Promise<Rolldown.OutputChunk> {
  const outputs = await build({
    configFile: false,
    logLevel: 'error',
    resolve: { conditions: ['@headway/source', 'module', 'browser', 'production'] },
    build: {
      write: false,
      minify: false,
      lib: {
        entry: fileURLToPath(new URL(`../../packages/client/src/${entry}`, import.meta.url)),
        formats: [external.length > 0 ? 'es' : 'iife'],
        name: 'headway',
      },
      rolldownOptions: { external },
    },
  });
  const [chunk, ...others] = (Array.isArray(outputs) ? outputs : [outputs]).flatMap((output) =>
    'output' in output ? output.output : [],
  );
  if (chunk?.type !== 'chunk' || others.length > 0) throw new Error('not one script');
  return chunk;
}

describe('the browser build', () => {
  test('contains no Node modules, no ws and no zod', async () => {
    const { code, imports, modules } = await bundle('index.ts');
    expect(imports).toEqual([]);
    const files = Object.keys(modules).map((file) => file.replaceAll('\\', '/'));
    expect(files.filter((file) => /\/node_modules\/(ws|zod)\/|websocket-node/.test(file))).toEqual([]);
    // Vite replaces a built-in module by this.
    expect(files.filter((file) => file.includes('__vite-browser-external'))).toEqual([]);
    for (const name of ['node:', ...builtinModules]) {
      expect(code).not.toMatch(new RegExp(`(from|import|require\\()\\s*["'\`]${name}`));
    }
  });

  test('runs with a browser’s globals, and connects to its own origin with the browser’s WebSocket', async () => {
    const { code } = await bundle('index.ts');
    const opened: string[] = [];
    class PageWebSocket extends EventTarget {
      static readonly CONNECTING = 0;
      static readonly OPEN = 1;
      static readonly CLOSING = 2;
      static readonly CLOSED = 3;
      readonly OPEN = 1;
      readyState = 0;
      constructor(url: string) {
        super();
        opened.push(url);
      }
      close() {
        if (this.readyState === 3) return;
        this.readyState = 3;
        this.dispatchEvent(new Event('error'));
        this.dispatchEvent(new Event('close'));
      }
    }
    const page = createContext({
      WebSocket: PageWebSocket,
      location: { origin: 'https://example.com' },
      URL,
      TextEncoder,
      TextDecoder,
      crypto,
      setTimeout,
      clearTimeout,
      queueMicrotask,
      AbortController,
      performance,
      fetch: () => Promise.reject(new TypeError('Failed to fetch')),
    });
    const exported = runInContext(`${code}; headway`, page) as { createClient: typeof createClient };
    expect(Object.fromEntries(Object.entries(exported).map(([name, value]) => [name, typeof value]))).toEqual({
      createClient: 'function',
      createStatusTicker: 'function',
      formatProgress: 'function',
      HeadwayError: 'function',
      isHeadwayError: 'function',
      parseGatewayUrl: 'function',
      toProgressHook: 'function',
      withProgress: 'function',
    });
    const client = exported.createClient({ connectTimeoutMs: 20 });
    expect(client.url).toBe('https://example.com');
    await expect(client.generate({ prompt: 'hi' }).result()).rejects.toMatchObject({
      name: 'HeadwayError',
      code: 'connection-lost',
      message: expect.stringMatching(/--allow-origin/),
    });
    expect(opened).toEqual(['wss://example.com/trpc']);
    await client.close();
  });

  test('of the React hook does not contain React', async () => {
    const { imports, modules } = await bundle('react/index.ts', ['react']);
    expect(imports).toEqual(['react']);
    expect(Object.keys(modules).filter((file) => file.includes('/trpc') || file.includes('websocket'))).toEqual([]);
  });
});
