import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { strToU8, zipSync } from 'fflate';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { auditPage } from './audit-page.ts';
import { looks, pictures, useBrowser } from './demo-browser.ts';
import { minimalPdf } from './minimal-pdf.ts';
import { openDemo, paste } from './open-demo.ts';
import { startScriptedDemo, words, type ScriptedDemo } from './scripted-demo.ts';

let browser: Browser;
useBrowser((opened) => (browser = opened));

let setup: ScriptedDemo;
beforeAll(async () => {
  setup = await startScriptedDemo({ script: { reply: 'Yes.' } }, { contextSize: 2000 });
});
afterAll(() => setup?.[Symbol.asyncDispose]());

interface TestFile {
  name: string;
  content: string | Buffer;
}

async function choose(page: Page, files: readonly TestFile[]): Promise<void> {
  const opening = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Attach documents' }).click();
  const chooser = await opening;
  await chooser.setFiles(files.map(({ name, content }) => ({ name, mimeType: '', buffer: Buffer.from(content) })));
}

const chips = (page: Page) => page.getByRole('list', { name: 'Attached documents' }).getByRole('listitem');
const preview = (page: Page, name: string | RegExp) => page.getByRole('button', { name });
const shownText = (page: Page) => page.getByRole('dialog').locator('.cut-text').textContent();
const notice = (page: Page) => page.getByRole('alert').filter({ hasText: /./ });

test('PDF, HTML, Word, CSV and code become text, and a preview by keyboard shows it', async () => {
  await using demo = await openDemo(browser, setup.gateway.url);
  const { page, complaints } = demo;
  const body = '<w:body><w:p><w:r><w:t>From Word</w:t></w:r></w:p></w:body>';
  const docx = zipSync({
    'word/document.xml': strToU8(
      `<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">${body}</w:document>`,
    ),
  });
  await choose(page, [
    { name: 'contract.pdf', content: minimalPdf(['The first (page)\nends here.', '', 'The third.']) },
    { name: 'page.html', content: '<script>document.title="run"</script><h1>Hello</h1><p>A <b>word</b>.</p>' },
    { name: 'letter.docx', content: Buffer.from(docx) },
    { name: 'japanese.pdf', content: minimalPdf(['日本語の文書'], { japanese: true }) },
    { name: 'table.csv', content: 'a,b\n1,2\n' },
    { name: 'main.rs', content: 'fn main() {}' },
  ]);
  await preview(page, /^Preview main\.rs, 3 tokens/).waitFor();
  expect(await chips(page).count()).toBe(6);

  const pdf = preview(page, /^Preview contract\.pdf, \d\d tokens, Page 2 has no text/);
  await pdf.focus();
  await page.keyboard.press('Enter');
  await page.getByRole('dialog', { name: 'contract.pdf' }).waitFor();
  expect(await shownText(page)).toBe(
    '[Page 1 of 3]\n\nThe first (page)\nends here.\n\n[Page 2 of 3]\n\n(no text)\n\n[Page 3 of 3]\n\nThe third.',
  );
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  expect(await pdf.evaluate((button) => button === document.activeElement)).toBe(true);

  await preview(page, /^Preview page\.html/).click();
  expect(await shownText(page)).toBe('# Hello\n\nA word.');
  await page.getByRole('button', { name: 'Attach its source instead' }).click();
  await page.getByText('The source of an HTML file.').waitFor();
  expect(await shownText(page)).toContain('<h1>Hello</h1>');
  await page.getByRole('button', { name: 'Close' }).click();
  await preview(page, /^Preview letter\.docx/).click();
  expect(await shownText(page)).toBe('From Word');
  await page.keyboard.press('Escape');
  await preview(page, /^Preview japanese\.pdf/).click();
  expect(await shownText(page)).toBe('日本語の文書');
  await page.keyboard.press('Escape');
  expect(await page.title()).not.toBe('run');
  expect(complaints).toEqual([]);
});

test('PDFs without text, with a password and with damage are refused by name, and duplicates are told', async () => {
  await using demo = await openDemo(browser, setup.gateway.url);
  const { page, complaints } = demo;
  await choose(page, [
    { name: 'scan.pdf', content: minimalPdf(['', '']) },
    { name: 'secret.pdf', content: minimalPdf(['Secret'], { encrypted: true }) },
    { name: 'broken.pdf', content: '%PDF-1.4\nnothing' },
    { name: 'a.txt', content: 'A' },
    { name: 'copy.txt', content: 'A' },
    { name: 'a.txt', content: 'B' },
  ]);
  await preview(page, /^Preview a \(2\)\.txt/).waitFor();
  const told = (await notice(page).textContent())?.split('\n');
  expect(told).toEqual([
    '“copy.txt” has the same text as “a.txt”, so it was left out.',
    'There is another “a.txt” already: this one is “a (2).txt” now.',
    expect.stringContaining('“scan.pdf” has no text, only pictures'),
    expect.stringContaining('“secret.pdf” has a password'),
    expect.stringContaining('“broken.pdf” is damaged'),
  ]);
  expect(await chips(page).count()).toBe(2);
  expect(complaints).toEqual([]);
});

test('a dropped folder becomes its text files, in order, and what is left out is told', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'headway-folder-'));
  const files = {
    'project/b.ts': 'b',
    'project/a10.ts': 'a10',
    'project/a9.ts': 'a9',
    'project/page.html': '<p>Source</p>',
    'project/.git/HEAD': 'ref',
    'project/node_modules/x/index.js': 'x',
    'project/logo.png': '\x89PNG\r\n\x1a\n\0',
  };
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content, 'latin1');
  }
  await using demo = await openDemo(browser, setup.gateway.url);
  const { page, context, complaints } = demo;
  const devtools = await context.newCDPSession(page);
  const data = { items: [], files: [join(folder, 'project')], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
    await devtools.send('Input.dispatchDragEvent', { type, x: 400, y: 300, data });
  const told = 'Left out of “project”: “.git” and “node_modules”; 1 file without text (“logo.png”).';
  await notice(page).getByText(told).waitFor();
  const names = ['project/a9.ts', 'project/a10.ts', 'project/b.ts', 'project/page.html'];
  expect(await chips(page).locator('.file-name').allTextContents()).toEqual(names);
  await page.getByRole('button', { name: 'Preview project/page.html' }).click();
  expect(await shownText(page)).toBe('<p>Source</p>');
  await page.keyboard.press('Escape');

  // The same folder from the picker has the same files.
  const opening = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Attach a folder' }).click();
  await (await opening).setFiles(join(folder, 'project'));
  await notice(page).getByText('“project/a9.ts” is attached already.').waitFor();
  await expect.poll(() => chips(page).count()).toBe(4);
  await rm(folder, { recursive: true });
  expect(complaints).toEqual([]);
});

test.each(looks)(
  'the meter tells the prompt’s tokens, and an overflow before it is sent ($name)',
  async ({ name, ...look }) => {
    await using demo = await openDemo(browser, setup.gateway.url, look);
    const { page, complaints } = demo;
    const inspect = async (state: string) => {
      await page.screenshot({ path: join(pictures, `${state}-${name}.png`), animations: 'disabled' });
      expect({ state, findings: await auditPage(page) }).toEqual({ state, findings: [] });
    };
    await choose(page, [
      { name: 'a-rather-long-name-of-a-report-of-last-year-2025.txt', content: words(700) },
      { name: 'minutes.md', content: `# ${words(400)}` },
      { name: 'table.csv', content: 'a,b' },
    ]);
    const box = page.getByRole('textbox', { name: 'Message' });
    await box.fill('What do they say?');
    const meter = page.getByRole('button', { name: /^Prompt: 1,1\d\d of 2,000 tokens of context/ });
    await meter.waitFor();
    await preview(page, /^Preview minutes\.md, about 400 tokens/).waitFor();
    await inspect('documents');
    await meter.click();
    await page.getByText('Room for the answer').waitFor();
    await inspect('meter');
    await page.keyboard.press('Escape');
    await preview(page, /^Preview minutes/).click();
    await page.getByText('about 400 tokens · 3.1 kB · 1 line').waitFor();
    await inspect('preview');
    await page.keyboard.press('Escape');

    await paste(page, words(1300));
    const advice = page.getByRole('status').filter({ hasText: 'tokens more than the model’s 2,000. Without' });
    await advice.waitFor();
    expect(await advice.textContent()).toBe(
      'This is about 420 tokens more than the model’s 2,000. Without “a-rather-long-name-of-a-…t-year-2025.txt” it fits; or shorten the message.',
    );
    await inspect('overflow');
    const sendButton = page.getByRole('button', { name: 'Send' });
    expect(await sendButton.getAttribute('aria-disabled')).toBe('true');
    await box.press('ControlOrMeta+Enter');
    await page.getByRole('alert').filter({ hasText: 'Not sent. This is about 420 tokens more' }).waitFor();
    expect(await box.inputValue(), 'nothing is lost').toBe('What do they say?');

    await page.getByRole('button', { name: 'Remove a-rather' }).click();
    await advice.waitFor({ state: 'detached' });
    await box.press('ControlOrMeta+Enter');
    await page.getByRole('region', { name: 'Progress of the prompt' }).getByText('Reading the prompt').waitFor();
    await setup.clock.advance(60_000);
    await page.getByText('finished').waitFor();
    // The chat so far is in the cache.
    await page.getByRole('button', { name: /^Prompt: 1,7\d\d of 2,000 tokens of context/ }).waitFor();
    expect(complaints).toEqual([]);
  },
);
