import { readFile } from 'node:fs/promises';

import { createEngine, llama, type Engine } from '@headway/engine';
import { startGateway, type Gateway } from '@headway/gateway';
import { storytellerPath } from '@headway/storyteller';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { launchBrowser } from './launch-browser.ts';
import { demoPage, openDemo, paste, send } from './open-demo.ts';
import { startScriptedDemo, words } from './scripted-demo.ts';
import { glimpses, watchAnswer } from './watch-answer.ts';

const documentPath = new URL('../../apps/demo/public/how-a-model-reads.txt', import.meta.url);

let engine: Engine;
let gateway: Gateway;
let browser: Browser;
let document: string;

beforeAll(async () => {
  document = await readFile(documentPath, 'utf8');
  engine = await createEngine({ backend: llama({ model: storytellerPath }) });
  gateway = await startGateway({ engine, port: 0, page: demoPage });
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  await gateway?.close();
  await engine?.close();
});

test('the progress bar of a pasted document grows to 100 %, and disappears with the first token', async () => {
  await using demo = await openDemo(browser, gateway.url);
  const { page, complaints } = demo;
  // At the default temperature the answer does not always match the document.
  await page.getByRole('button', { name: 'Settings of the answer' }).click();
  await page.getByRole('radio', { name: 'Exact' }).dispatchEvent('click');
  expect(await page.getByRole('radio', { name: 'Exact' }).isChecked()).toBe(true);
  await page.keyboard.press('Escape');
  await paste(page, document);
  await page.getByText('Pasted text').waitFor();
  expect(await page.getByRole('textbox', { name: 'Message' }).inputValue()).toBe('');
  await watchAnswer(page);
  await send(page, 'What is the first section?');
  await page.getByText('finished').waitFor();

  const seen = await glimpses(page);
  const bars = seen.flatMap(({ bar }) => bar ?? []);
  const steps = [...new Set(bars.map(({ now }) => now))];
  expect(steps.length).toBeGreaterThanOrEqual(10);
  expect(steps, 'never back').toEqual(steps.toSorted((a, b) => a - b));
  expect(bars.at(-1)?.now, 'the bar was full at its end').toBe(bars.at(-1)?.max);
  expect(bars.at(-1)?.max).toBeGreaterThan(2900);
  expect(bars.some(({ text }) => /^\d+ percent, [\d,]+ of 3,\d{3} tokens read.* to go$/.test(text))).toBe(true);

  const firstWord = seen.findIndex(({ written }) => written > 0);
  const lastBar = seen.findLastIndex(({ bar }) => bar !== null);
  expect(firstWord, 'the bar is gone when the first text is there').toBeGreaterThan(lastBar);
  expect(new Set(seen.map(({ top }) => top)).size, 'nothing jumped').toBe(1);

  expect(await page.locator('.answer-text').textContent()).toContain('Introduction');
  expect(await page.getByRole('group', { name: 'Progress of the answer' }).textContent()).toMatch(
    /read 3,\d{3} in [\d.]+ s.*wrote \d+ at [\d.]+ tokens\/s/s,
  );
  expect(await page.locator('.answer-foot').textContent()).toMatch(/finished.*first token after [\d.]+ s/s);
  expect(complaints).toEqual([]);
});

test('an answer appears piece by piece, and no piece disappears', async () => {
  // The model's own answer may end before the page has shown two pieces of it.
  await using setup = await startScriptedDemo({ script: { reply: words(90), decodeTokensPerSecond: 10 } });
  await using demo = await openDemo(browser, setup.gateway.url);
  const { page, panel, complaints } = demo;
  await watchAnswer(page);
  await send(page, 'Count');
  await panel.getByText('Reading the prompt').waitFor();
  for (const word of ['word5', 'word20', 'word35', 'word50']) {
    await setup.clock.advance(1500);
    await page.locator('.answer-text').getByText(word).waitFor();
  }
  await setup.clock.advance(20_000);
  await page.getByText('finished').waitFor();
  const lengths = (await glimpses(page)).map(({ written }) => written);
  expect(new Set(lengths.filter((length) => length > 0)).size).toBeGreaterThanOrEqual(5);
  expect(lengths).toEqual(lengths.toSorted((a, b) => a - b));
  expect(complaints).toEqual([]);
});

test('a second question about a document has most of its tokens cached', async () => {
  await using demo = await openDemo(browser, gateway.url);
  const { page, complaints } = demo;
  await page.getByText('Try a long document').click();
  await page.getByText('how-a-model-reads.txt').waitFor();
  await page.keyboard.press('Enter');
  await page.getByText('finished').waitFor();
  await watchAnswer(page);
  await send(page, 'What is prefill?');
  await page.getByText('finished').nth(1).waitFor();

  const [first] = (await glimpses(page)).flatMap(({ bar }) => bar ?? []);
  const cached = Number(/([\d,]+) from cache/.exec(first?.text ?? '')?.[1]?.replace(',', ''));
  expect(cached).toBeGreaterThan(2900);
  expect(cached).toBeLessThan(first?.max ?? 0);
  expect(await page.getByRole('group', { name: 'Progress of the answer' }).nth(1).textContent()).toMatch(
    /cached [\d,]+.*read \d+/s,
  );
  expect(complaints).toEqual([]);
});
