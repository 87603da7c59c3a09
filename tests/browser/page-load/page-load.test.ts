import { deferred } from '@headway/protocol';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { launchBrowser } from '../launch-browser.ts';
import { startScriptedDemo, type ScriptedDemo } from '../scripted-demo.ts';
import { bytesOf, measurePageLoad, observePage, slow, slowDown } from './measure-page-load.ts';

let browser: Browser;
let setup: ScriptedDemo;

beforeAll(async () => {
  setup = await startScriptedDemo({ script: { reply: 'Yes.' } });
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  await setup?.[Symbol.asyncDispose]();
});

test('the first load has at most 120 kB of script, compressed, and the second loads none of it', async () => {
  const context = await browser.newContext();
  const first = await measurePageLoad(context, setup.gateway.url);
  expect(bytesOf(first, 'Script')).toBeGreaterThan(10_000);
  expect(bytesOf(first, 'Script')).toBeLessThanOrEqual(120_000);
  expect(bytesOf(first, 'Font')).toBeLessThanOrEqual(32_000);
  expect(first.layoutShift).toBeLessThan(0.02);
  const texts = first.files.filter(({ kind, bytes }) => kind !== 'Font' && bytes > 2000);
  expect(texts.map(({ encoding }) => encoding)).toEqual(texts.map(() => 'br'));
  const second = await measurePageLoad(context, setup.gateway.url);
  expect(second.files.map(({ kind }) => kind).filter((kind) => /Script|Stylesheet|Font/.test(kind))).toEqual([]);
  await context.close();
});

test('on a slow connection the page shows its first content within 3 s, before its script is there', async () => {
  const page = await browser.newPage();
  await slowDown(await page.context().newCDPSession(page), slow);
  await page.goto(setup.gateway.url, { waitUntil: 'commit' });
  const shown = await page.waitForFunction(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime);
  expect(await shown.jsonValue()).toBeLessThan(3000);
  expect(await page.locator('#first-content h2').isVisible()).toBe(true);
  await page.close();
});

test.each([
  { theme: 'light', width: 1200 },
  { theme: 'dark', width: 390 },
] as const)('the page takes over its first content in place, $theme, $width px', async ({ theme, width }) => {
  const page = await browser.newPage({ colorScheme: theme, viewport: { width, height: 800 } });
  await observePage(page);
  // As on a second visit, where the first content has the page's font.
  await page.addInitScript(() => localStorage.setItem('headway-font', 'kept'));
  const { promise, resolve } = deferred();
  await page.route(/assets\/index-.*\.js/, async (route) => {
    await promise;
    await route.continue();
  });
  await page.goto(setup.gateway.url, { waitUntil: 'commit' });
  await page.locator('#first-content textarea').pressSequentially('Written early');
  // Not before the styles are there.
  await page.waitForFunction(() => performance.getEntriesByName('first-contentful-paint').length > 0);
  await page.evaluate(() => document.fonts.load('1em Inter'));
  const before = await places(page);
  resolve();
  await page.waitForFunction(() => isUsable());
  expect(await places(page)).toEqual(before);
  await page.keyboard.type(', and late');
  expect(await page.getByRole('textbox', { name: 'Message' }).inputValue()).toBe('Written early, and late');
  await page.close();
});

test('a chosen theme holds from the first paint on, in the browser’s own frame, too', async () => {
  const page = await browser.newPage({ colorScheme: 'light' });
  await page.addInitScript(() => localStorage.setItem('headway-theme', 'dark'));
  await observePage(page);
  const { promise: held, resolve: release } = deferred();
  await page.route(/assets\/index-.*\.js/, async (route) => {
    await held;
    await route.continue();
  });
  await page.goto(setup.gateway.url, { waitUntil: 'commit' });
  await page.locator('#first-content h2').waitFor();
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  expect(await background()).toBe('rgb(11, 15, 22)');
  release();
  await page.waitForFunction(() => isUsable());
  expect(await background()).toBe('rgb(11, 15, 22)');
  const frame = () =>
    page.evaluate(() =>
      [...document.querySelectorAll<HTMLMetaElement>('meta[name=theme-color]')]
        .filter(({ media }) => matchMedia(media).matches)
        .map(({ content }) => content),
    );
  expect(await frame()).toEqual(['#121824']);
  await page.getByRole('button', { name: 'Use the light theme' }).click();
  await expect.poll(frame).toEqual(['#ffffff']);
  await page.close();
});

/** Where the parts are that the user looks at. */
function places(page: Page) {
  return page.evaluate(() =>
    ['h1', 'h2', '.suggestions', '.composer-box', 'textarea'].map((selector) => {
      const { x, y, width, height } = document.querySelector(selector)?.getBoundingClientRect() ?? {};
      return { selector, x, y, width, height };
    }),
  );
}
