import { startGateway } from '@headway/gateway';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { launchBrowser } from './launch-browser.ts';
import { demoPage, openDemo, send } from './open-demo.ts';
import { startScriptedDemo, words } from './scripted-demo.ts';

let browser: Browser;

beforeAll(async () => {
  browser = await launchBrowser();
});

afterAll(() => browser?.close());

test('when the gateway stops, the page reports it, keeps the text, and works again after its restart', async () => {
  await using setup = await startScriptedDemo({ script: { reply: words(1000) } });
  await using demo = await openDemo(browser, setup.gateway.url);
  const { page, panel } = demo;
  await send(page, 'Count');
  await panel.getByText('Reading the prompt').waitFor();
  await setup.clock.advance(2000);
  await page.getByText('word100', { exact: false }).waitFor();
  await setup.gateway.close();

  const problem = page.getByRole('group', { name: 'Problem' });
  await problem.getByText('The gateway is shutting down').waitFor();
  expect(await page.locator('.answer-text').textContent()).toContain('word100');
  await page.getByRole('button', { name: /Not connected$/ }).waitFor();

  const port = Number(new URL(setup.gateway.url).port);
  await using again = await startGateway({ engine: setup.engine, port, page: demoPage });
  expect(again.url).toBe(setup.gateway.url);
  await page.getByRole('button', { name: /Ready$/ }).waitFor();
  await problem.getByRole('button', { name: 'Try again' }).click();
  await panel.getByText('Reading the prompt').waitFor();
  await setup.clock.advance(20_000);
  await page.getByText('finished').waitFor();
  expect(await page.locator('.answer-text').textContent()).toBe(words(1000));
});

test('a new chat keeps the old one, whose answer goes on', async () => {
  await using setup = await startScriptedDemo({ script: { reply: words(1000) } });
  await using demo = await openDemo(browser, setup.gateway.url);
  const { page, panel, complaints } = demo;
  await send(page, 'Count');
  await panel.getByText('Reading the prompt').waitFor();
  await setup.clock.advance(2000);
  await page.getByText('word100', { exact: false }).waitFor();
  await page.getByRole('button', { name: 'New chat' }).click();
  await page.getByText('Watch the model read, then write').waitFor();
  expect((await setup.engine.activity()).slots.busy).toBe(1);
  await page.getByRole('button', { name: 'Count (an answer is running)' }).waitFor();
  await setup.clock.advance(30_000);
  await expect.poll(async () => (await setup.engine.activity()).slots.busy).toBe(0);
  await page.getByRole('button', { name: 'Count', exact: true }).click();
  await page.getByText('finished').waitFor();
  expect(await page.locator('.answer-text').textContent()).toBe(words(1000));
  expect(complaints).toEqual([]);
});

test('the page keeps its scroll position while the answer grows, and a button leads to the end', async () => {
  await using setup = await startScriptedDemo({ script: { reply: words(5000) } });
  await using demo = await openDemo(browser, setup.gateway.url);
  const { page, panel, complaints } = demo;
  const scroll = page.locator('.thread-scroll');
  const fromBottom = () =>
    scroll.evaluate((element) => element.scrollHeight - element.clientHeight - element.scrollTop);
  await send(page, 'Count');
  await panel.getByText('Reading the prompt').waitFor();
  await setup.clock.advance(20_000);
  await page.getByText('word1900', { exact: false }).waitFor();
  await expect.poll(fromBottom, { message: 'the page follows the text' }).toBeLessThan(2);

  await scroll.hover();
  await page.mouse.wheel(0, -300);
  await page.getByRole('button', { name: 'To the end of the chat' }).waitFor();
  await expect.poll(fromBottom, { message: 'the wheel has scrolled all of its way' }).toBeGreaterThanOrEqual(299);
  const top = await scroll.evaluate((element) => element.scrollTop);
  await setup.clock.advance(10_000);
  await page.getByText('word2900', { exact: false }).waitFor();
  expect(await scroll.evaluate((element) => element.scrollTop)).toBe(top);
  await page.getByRole('button', { name: 'To the end of the chat' }).click();
  await expect.poll(fromBottom).toBeLessThan(2);
  await setup.clock.advance(10_000);
  await page.getByText('word3900', { exact: false }).waitFor();
  await expect.poll(fromBottom, { message: 'the page follows the text again' }).toBeLessThan(2);
  expect(complaints).toEqual([]);
});
