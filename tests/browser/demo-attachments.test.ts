import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { launchBrowser } from './launch-browser.ts';
import { openDemo, paste, send } from './open-demo.ts';
import { startScriptedDemo, words, type ScriptedDemo } from './scripted-demo.ts';

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

/** Drops files onto the page, like a file manager. */
async function drop(page: Page, files: { name: string; content: string }[]): Promise<void> {
  await page.evaluate((dropped) => {
    const dataTransfer = new DataTransfer();
    for (const { name, content } of dropped) dataTransfer.items.add(new File([content], name));
    for (const type of ['dragenter', 'dragover', 'drop']) {
      document.body.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }));
    }
  }, files);
}

test('dropped, chosen and pasted documents become removable chips, and are sent before the question', async () => {
  await using demo = await openDemo(browser, setup.gateway.url);
  const { page, panel, complaints } = demo;
  const chips = page.getByRole('list', { name: 'Attached documents' }).getByRole('listitem');
  await drop(page, [
    { name: 'a.txt', content: words(10) },
    { name: 'b.md', content: words(20) },
  ]);
  await page
    .locator('input[type=file]')
    .setInputFiles({ name: 'c.csv', mimeType: 'text/csv', buffer: Buffer.from(words(700)) });
  await page.getByRole('button', { name: 'Remove c.csv' }).waitFor();
  await paste(page, words(800));
  await expect.poll(() => chips.count()).toBe(4);
  await expect
    .poll(() => chips.allTextContents())
    .toEqual(['a.txt 10 tokens', 'b.md 20 tokens', 'c.csv about 700 tokens', 'Pasted text about 800 tokens']);
  await page.getByRole('button', { name: 'Remove a.txt' }).click();
  await page.getByRole('button', { name: 'Remove Pasted text' }).click();
  expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe('Message');

  await send(page, 'What do they say?');
  // "user:", two names, the documents, four words.
  await panel.getByText(`of ${1 + 2 + 20 + 700 + 4} tokens`).waitFor();
  await setup.clock.advance(60_000);
  await page.getByText('finished').waitFor();
  await page.locator('summary', { hasText: 'b.md' }).click();
  await page.getByText('word0 word1 word2').waitFor();
  expect(complaints).toEqual([]);
});

test('a short paste goes into the message box', async () => {
  await using demo = await openDemo(browser, setup.gateway.url);
  await paste(demo.page, 'A line\nand another');
  expect(await demo.page.getByRole('textbox', { name: 'Message' }).inputValue()).toBe('A line\nand another');
});

test('the page refuses unsuitable files with a sentence each, and keeps the rest', async () => {
  await using demo = await openDemo(browser, setup.gateway.url);
  const { page, complaints } = demo;
  const notice = page.getByRole('alert');
  await drop(page, [
    { name: 'photo.png', content: '\u0089PNG\r\n\u001a\n\0' },
    { name: 'notes.txt', content: 'Notes' },
  ]);
  await notice.getByText('“photo.png” is a binary file, not text.').waitFor();
  await page.getByRole('button', { name: 'Remove notes.txt' }).waitFor();

  await drop(page, [{ name: 'huge.txt', content: 'x'.repeat(5_000_000) }]);
  await notice.getByText('“huge.txt” has 5.0 MB, and a message can have 4.2 MB.').waitFor();

  // Each of the two fits alone, but not together.
  await drop(page, [
    { name: 'most.txt', content: 'x'.repeat(4_000_000) },
    { name: 'other.txt', content: 'y'.repeat(2_500_000) },
  ]);
  await notice.getByText('A message can have 4.2 MB of text in all. Left out: “other.txt”.').waitFor();
  const long = 'Too much? '.repeat(30_000);
  await send(page, long);
  await notice.getByText('This chat has 4.3 MB, and a request can have 4.2 MB. Attach less.').waitFor();
  expect((await page.getByRole('textbox', { name: 'Message' }).inputValue()) === long, 'nothing is lost').toBe(true);
  expect(complaints).toEqual([]);
});

test('markup in messages, documents and answers is shown as text', async () => {
  const markup = '<img src=x onerror="document.title=1"><b>bold</b>';
  await using own = await startScriptedDemo({ script: { reply: markup } });
  await using demo = await openDemo(browser, own.gateway.url);
  const { page, panel, complaints } = demo;
  await drop(page, [{ name: '<i>name</i>.txt', content: markup }]);
  await page.getByRole('button', { name: 'Remove <i>name</i>.txt' }).waitFor();
  await send(page, markup);
  await panel.getByText('Reading the prompt').waitFor();
  await own.clock.advance(60_000);
  await page.getByText('finished').waitFor();
  await page.locator('summary').click();
  expect(await page.locator('.user-bubble').textContent()).toBe(markup);
  expect(await page.locator('.sent-document .cut-text').textContent()).toBe(markup);
  expect(await page.locator('.answer-text').textContent()).toBe(markup);
  expect(await page.locator('.thread img, .thread b, .thread i').count()).toBe(0);
  expect(complaints).toEqual([]);
});
