import { join } from 'node:path';

import { createApiKey } from '@headway/gateway';
import type { Browser } from 'playwright-core';
import { expect, test } from 'vitest';

import { startCutProxy } from '../system/cut-proxy.ts';
import { auditPage } from './audit-page.ts';
import { looks, pictures, useBrowser } from './demo-browser.ts';
import { openDemo, send } from './open-demo.ts';
import { startScriptedDemo, words } from './scripted-demo.ts';

let browser: Browser;
useBrowser((opened) => (browser = opened));

/** Number of generations that the engine of a demo has started. */
function countRuns(engine: { generate: (...args: never[]) => unknown }): { runs: number } {
  const counts = { runs: 0 };
  const generate = engine.generate.bind(engine);
  engine.generate = (...args) => {
    counts.runs++;
    return generate(...args);
  };
  return counts;
}

test.each(looks)('the page shows a lost connection, and the answer resumes ($name)', async ({ name, ...look }) => {
  await using setup = await startScriptedDemo({ script: { reply: words(600) } });
  const counts = countRuns(setup.engine);
  await using proxy = await startCutProxy(setup.gateway.url);
  await using demo = await openDemo(browser, proxy.url, look);
  const { page, panel } = demo;
  const inspect = async (state: string) => {
    await page.screenshot({ path: join(pictures, `${state}-${name}.png`), animations: 'disabled' });
    expect({ state, findings: await auditPage(page) }).toEqual({ state, findings: [] });
  };
  await send(page, 'Count');
  await panel.getByText('Reading the prompt').waitFor();
  await setup.clock.advance(2000);
  await page.getByText('word80', { exact: false }).waitFor();

  proxy.goDown();
  await page.getByText('the answer goes on there').waitFor();
  await inspect('reconnecting');
  // The generation goes on without a viewer.
  await setup.clock.advance(4000);
  proxy.goUp();
  await page.getByText('word200', { exact: false }).waitFor();
  await page.getByText('the answer goes on there').waitFor({ state: 'detached' });
  await setup.clock.advance(20_000);
  await page.getByText('finished').waitFor();
  expect(await page.locator('.answer-text').textContent()).toBe(words(600));
  expect(counts.runs).toBe(1);
});

test('a reloaded page shows its chat, and the answer resumes', async () => {
  await using setup = await startScriptedDemo({ script: { reply: words(600) } });
  const counts = countRuns(setup.engine);
  await using demo = await openDemo(browser, setup.gateway.url);
  const { page, panel, complaints } = demo;
  await send(page, 'First');
  await panel.getByText('Reading the prompt').waitFor();
  await setup.clock.advance(60_000);
  await page.getByText('finished').waitFor();
  await send(page, 'Second');
  await panel.getByText('Reading the prompt').waitFor();
  await setup.clock.advance(2000);
  await expect.poll(() => page.getByText('word50', { exact: false }).count()).toBe(2);

  await page.reload();
  await page.getByText('Second').waitFor();
  await page.getByText('Writing', { exact: true }).waitFor();
  expect(await page.locator('.answer-text').count()).toBe(2);
  await setup.clock.advance(60_000);
  await expect.poll(() => page.getByText('finished').count()).toBe(2);
  expect(await page.locator('.answer-text').allTextContents()).toEqual([words(600), words(600)]);

  await page.reload();
  await expect.poll(() => page.getByText('finished').count()).toBe(2);
  expect(counts.runs).toBe(2);
  expect(complaints).toEqual([]);
});

test('the stop button also cancels an answer that a reloaded page watches', async () => {
  await using setup = await startScriptedDemo({ script: { reply: words(5000) } });
  await using demo = await openDemo(browser, setup.gateway.url);
  const { page, panel } = demo;
  const busy = async () => (await setup.engine.activity()).slots.busy;
  await send(page, 'Count');
  await panel.getByText('Reading the prompt').waitFor();
  await setup.clock.advance(2000);
  await page.reload();
  await page.getByText('Writing', { exact: true }).waitFor();
  expect(await busy()).toBe(1);
  await page.getByRole('button', { name: 'Stop' }).click();
  await expect.poll(busy).toBe(0);
  await page.reload();
  await page.getByText('stopped by you').waitFor();
});

test.each(looks)(
  'the page asks for a key where the gateway needs one, and keeps it out of the URL ($name)',
  async ({ name, ...look }) => {
    const key = createApiKey();
    await using setup = await startScriptedDemo({ script: { reply: 'Welcome' } }, {}, { apiKeys: [key] });
    await using demo = await openDemo(browser, setup.gateway.url, look);
    const { page, panel } = demo;
    const urls: string[] = [];
    page.on('request', (request) => urls.push(request.url()));
    page.on('websocket', (socket) => urls.push(socket.url()));
    const box = page.getByLabel('Key', { exact: true });
    await box.fill('wrong');
    await page.getByRole('button', { name: 'Use it' }).click();
    await page.getByText('The gateway does not know this key').waitFor();
    await page.screenshot({ path: join(pictures, `key-${name}.png`), animations: 'disabled' });
    expect(await auditPage(page)).toEqual([]);
    await box.fill(key);
    await box.press('Enter');
    await page.getByRole('button', { name: /Ready$/ }).waitFor();
    await send(page, 'Hello');
    await panel.getByText('Reading the prompt').waitFor();
    await setup.clock.advance(10_000);
    await expect.poll(() => page.locator('.answer-text').allTextContents()).toEqual(['Welcome']);
    await page.reload();
    await page.getByRole('button', { name: /Ready$/ }).waitFor();
    await expect.poll(() => page.locator('.answer-text').allTextContents()).toEqual(['Welcome']);
    expect([page.url(), ...urls].filter((url) => url.includes(key))).toEqual([]);
    expect(urls.length).toBeGreaterThan(0);
  },
);

test('the page works over HTTP where WebSockets are blocked', async () => {
  await using setup = await startScriptedDemo({ script: { reply: words(600) } });
  const counts = countRuns(setup.engine);
  await using proxy = await startCutProxy(setup.gateway.url, { refuseUpgrades: true });
  await using demo = await openDemo(browser, proxy.url);
  const { page, panel } = demo;
  await send(page, 'Count');
  await panel.getByText('Reading the prompt').waitFor();
  await setup.clock.advance(2000);
  await page.getByText('word80', { exact: false }).waitFor();
  proxy.cut();
  await setup.clock.advance(20_000);
  await page.getByText('finished').waitFor();
  expect(await page.locator('.answer-text').textContent()).toBe(words(600));
  expect(counts.runs).toBe(1);
  expect(proxy.requestLines.some((line) => line.startsWith('POST /v1/generations '))).toBe(true);

  await send(page, 'Again');
  await panel.getByText('Reading the prompt').waitFor();
  await page.getByRole('button', { name: 'Stop' }).click();
  await setup.clock.advance(1000);
  await page.getByText('Stopped before the first word').waitFor();
});
