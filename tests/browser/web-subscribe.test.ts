import { fileURLToPath } from 'node:url';

import { createEngine, scripted } from '@headway/engine';
import { startGateway } from '@headway/gateway';
import type { Browser } from 'playwright-core';
import { createServer } from 'vite';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { launchBrowser } from './launch-browser.ts';

let browser: Browser;

beforeAll(async () => {
  browser = await launchBrowser();
});

afterAll(() => browser.close());

/** Serves the example on its own origin, with a gateway that may allow it. */
async function openExample({ allowed }: { allowed: boolean }) {
  const engine = await createEngine({
    backend: scripted({ script: { reply: 'one two three', prefillTokensPerSecond: 4000 } }),
  });
  const vite = await createServer({
    root: fileURLToPath(new URL('../../examples/web-subscribe', import.meta.url)),
    configFile: false,
    logLevel: 'error',
    resolve: { conditions: ['@headway/source', 'module', 'browser', 'development'] },
    server: { host: '127.0.0.1', port: 0, hmr: false },
    cacheDir: fileURLToPath(new URL('../node_modules/.vite-example', import.meta.url)),
  });
  await vite.listen();
  const pageUrl = vite.resolvedUrls?.local[0] ?? '';
  const gateway = await startGateway({ engine, port: 0, allowOrigins: allowed ? [new URL(pageUrl).origin] : [] });
  // Like `VITE_HEADWAY_URL=… npm start`.
  vite.config.env.VITE_HEADWAY_URL = gateway.url;
  const page = await browser.newPage();
  await page.goto(pageUrl);
  return {
    page,
    engine,
    async [Symbol.asyncDispose]() {
      await page.close();
      await vite.close();
      await gateway.close();
      await engine.close();
    },
  };
}

test('the subscribe example shows the progress bar, then the answer, then its usage', async () => {
  await using example = await openExample({ allowed: true });
  const { page } = example;
  await page.evaluate(() => {
    const bar = document.querySelector('progress') as HTMLProgressElement;
    const answer = document.querySelector('output') as HTMLOutputElement;
    const seen: string[] = [];
    Object.assign(window, { seen });
    const note = () =>
      seen.push(
        answer.textContent ? (bar.hidden ? 'answer' : 'answer and bar') : bar.hidden ? 'nothing' : `${bar.value}`,
      );
    new MutationObserver(note).observe(document.body, { subtree: true, childList: true, attributes: true });
  });
  await page.fill('#prompt', Array.from({ length: 2000 }, (_, at) => `w${at}`).join(' '));
  await page.click('button[type=submit]');
  await page.getByText('Done (stop)').waitFor();
  expect(await page.textContent('output')).toBe('one two three');
  expect(await page.textContent('#where')).toBe('Done (stop): 2001 tokens read, 3 written');
  const seen = await page.evaluate(() => (window as unknown as { seen: string[] }).seen);
  const steps = [...new Set(seen.map(Number).filter((value) => value > 0))];
  expect(steps.length).toBeGreaterThanOrEqual(10);
  expect(steps).toEqual(steps.toSorted((a, b) => a - b));
  expect(steps.at(-1)).toBe(2001);
  expect(seen).not.toContain('answer and bar');
});

test('the stop button of the subscribe example frees the slot', async () => {
  await using example = await openExample({ allowed: true });
  const { page, engine } = example;
  await page.fill('#prompt', 'x '.repeat(20_000));
  await page.click('button[type=submit]');
  await page.getByText('Reading:').waitFor();
  await page.click('#stop');
  await page.getByText('Stopped').waitFor();
  await expect.poll(async () => (await engine.activity()).slots.busy).toBe(0);
});

test('the subscribe example reports a gateway that does not allow its origin', async () => {
  await using example = await openExample({ allowed: false });
  const { page } = example;
  await page.click('button[type=submit]');
  const failed = page.getByText('Failed:');
  await failed.waitFor({ timeout: 30_000 });
  expect(await failed.textContent()).toMatch(
    /no Headway gateway answers at \S+ \(no WebSocket opened, tried for 3 s\); start it, .* \(--allow-origin\)/,
  );
});
