import { fileURLToPath } from 'node:url';

import { createEngine, scripted, type Engine } from '@headway/engine';
import { startGateway, type Gateway } from '@headway/gateway';
import type { GenerateInput } from '@headway/protocol';
import type { Browser, Page } from 'playwright-core';
import { createServer, type ViteDevServer } from 'vite';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { launchBrowser } from './launch-browser.ts';

let browser: Browser;
let vite: ViteDevServer;
let engine: Engine;
let gateway: Gateway;
let page: Page;

beforeAll(async () => {
  browser = await launchBrowser();
  vite = await createServer({
    root: fileURLToPath(new URL('progress-page', import.meta.url)),
    configFile: false,
    logLevel: 'error',
    resolve: { conditions: ['@headway/source', 'module', 'browser', 'development'] },
    server: { host: '127.0.0.1', port: 0, hmr: false },
    cacheDir: fileURLToPath(new URL('../node_modules/.vite-progress', import.meta.url)),
  });
  await vite.listen();
  const url = vite.resolvedUrls?.local[0] ?? '';
  engine = await createEngine({ backend: scripted({ script: { reply: 'a b c d', prefillTokensPerSecond: 4000 } }) });
  gateway = await startGateway({ engine, port: 0, allowOrigins: [new URL(url).origin] });
  page = await browser.newPage();
  await page.goto(url);
  await page.waitForFunction('window.showProgress');
});

afterAll(async () => {
  await browser.close();
  await vite.close();
  await gateway.close();
  await engine.close();
});

const show = (input: GenerateInput, cancelAt?: string): Promise<string[]> =>
  page.evaluate(
    `showProgress(${[gateway.url, input, cancelAt].map((value) => JSON.stringify(value) ?? 'undefined').join()})`,
  );

test('a <progress> element fills during prefill, again during decode, and ends full', async () => {
  const prompt = Array.from({ length: 2000 }, (_, at) => `w${at}`).join(' ');
  const states = await show({ prompt, maxTokens: 8 });
  const read = states.filter((state) => state.endsWith('/2000')).map((state) => Number(state.split('/')[0]));
  expect(read.length).toBeGreaterThanOrEqual(5);
  expect(read).toEqual(read.toSorted((a, b) => a - b));
  expect(read.at(-1)).toBe(2000);
  expect(states.some((state) => state.endsWith('/8'))).toBe(true);
  expect(states.at(-1)).toBe('1/1');
  expect(await page.getAttribute('progress', 'data-mood')).toBe('good');
  expect(await page.getAttribute('progress', 'aria-valuetext')).toMatch(/^Done: 4 tokens/);
});

test('a <progress> element keeps its value and shows that the generation was cancelled', async () => {
  const states = await show({ prompt: 'x '.repeat(20_000) }, 'prefill');
  expect(await page.getAttribute('progress', 'data-mood')).toBe('stopped');
  expect(states.at(-1)).toMatch(/^\d+\/2000[01]$/);
  expect(states.at(-1)).not.toMatch(/^(\d+)\/\1$/);
});
