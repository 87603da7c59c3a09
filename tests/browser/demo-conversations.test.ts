import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { createEngine, scripted } from '@headway/engine';
import { startGateway, type Gateway } from '@headway/gateway';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { startCutProxy } from '../system/cut-proxy.ts';
import { auditPage } from './audit-page.ts';
import { pictures, useBrowser } from './demo-browser.ts';
import { demoPage, openDemo, send } from './open-demo.ts';
import { startScriptedDemo, words } from './scripted-demo.ts';

let browser: Browser;
useBrowser((opened) => (browser = opened));

/** A gateway whose model answers at once, each question in its own way. */
let gateway: Gateway;
let close: () => Promise<void>;
beforeAll(async () => {
  let answers = 0;
  const reply = () => `Answer ${++answers}, un résumé.`;
  const engine = await createEngine({ backend: scripted({ script: () => ({ reply: reply() }) }) });
  gateway = await startGateway({ engine, port: 0, page: demoPage });
  close = async () => {
    await gateway.close();
    await engine.close();
  };
});
afterAll(() => close?.());

const answers = (page: Page) => page.locator('.answer-text').allTextContents();
const chats = (page: Page) => page.locator('.conversation-name').allTextContents();
const messages = (page: Page) => page.locator('.user-bubble').allTextContents();
const finished = (page: Page, count: number) => expect.poll(() => page.getByText('finished').count()).toBe(count);
const box = (page: Page) => page.getByRole('textbox', { name: 'Message' });

async function ask(page: Page, text: string): Promise<void> {
  const before = await page.getByText('finished').count();
  await send(page, text);
  await finished(page, before + 1);
}

async function newChat(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'New chat' }).click();
  await expect.poll(() => messages(page)).toEqual([]);
}

async function choose(page: Page, title: string, action: string): Promise<void> {
  await page.getByRole('button', { name: `What to do with “${title}”` }).click();
  await page
    .getByRole('group', { name: `What to do with “${title}”` })
    .getByRole('button', { name: action })
    .click();
}

test('two tabs agree about messages, titles, deletions and the end of an answer', async () => {
  await using setup = await startScriptedDemo({ script: { reply: words(300) } });
  await using demo = await openDemo(browser, setup.gateway.url);
  const { page: one, context, complaints } = demo;
  const two = await context.newPage();
  await two.goto(setup.gateway.url);
  await send(one, 'Count for me');
  await two.getByRole('button', { name: 'Count for me (an answer is running)' }).click();
  await demo.panel.getByText('Reading the prompt').waitFor();
  await setup.clock.advance(2000);
  for (const page of [one, two]) await page.getByText('word80', { exact: false }).waitFor();

  await choose(two, 'Count for me', 'Rename');
  await two.getByRole('textbox', { name: 'Title of the chat' }).fill('Numbers');
  await two.keyboard.press('Enter');
  await expect.poll(() => chats(one)).toEqual(['Numbers (an answer is running)']);
  // The other tab keeps the answer going.
  await one.close();
  await setup.clock.advance(20_000);
  await finished(two, 1);
  expect(await answers(two)).toEqual([words(300)]);
  const three = await context.newPage();
  await three.goto(`${setup.gateway.url}${new URL(two.url()).hash}`);
  await finished(three, 1);
  expect(await answers(three)).toEqual([words(300)]);

  await choose(three, 'Numbers', 'Delete');
  await expect.poll(() => chats(two)).toEqual([]);
  expect(await messages(two)).toEqual([]);
  await three.reload();
  await three.getByText('Deleted “Numbers”.').waitFor();
  await three.screenshot({ path: join(pictures, 'conversation-deleted.png'), animations: 'disabled' });
  expect(await auditPage(three)).toEqual([]);
  await three.getByRole('button', { name: 'Undo' }).click();
  await finished(three, 1);
  await expect.poll(() => chats(two)).toEqual(['Numbers']);
  expect(complaints).toEqual([]);
});

test('chats are found, pinned, exported and imported, and drafts wait in theirs', async () => {
  await using demo = await openDemo(browser, gateway.url);
  const { page, complaints } = demo;
  await ask(page, 'Where is Zürich?');
  await newChat(page);
  await ask(page, 'Where is Paris?');
  const [answer = ''] = await answers(page);
  await box(page).fill('A draft for Paris');
  await page.getByRole('button', { name: 'Where is Zürich?', exact: true }).click();
  await expect.poll(() => messages(page)).toEqual(['Where is Zürich?']);
  await expect.poll(() => box(page).inputValue()).toBe('');
  await box(page).fill('A draft for Zürich');
  await page.reload();
  await expect.poll(() => box(page).inputValue()).toBe('A draft for Zürich');
  await page.getByRole('button', { name: 'Where is Paris?', exact: true }).click();
  await expect.poll(() => box(page).inputValue()).toBe('A draft for Paris');

  expect(await chats(page)).toEqual(['Where is Paris?', 'Where is Zürich?']);
  await choose(page, 'Where is Zürich?', 'Pin');
  await expect.poll(() => chats(page)).toEqual(['Where is Zürich?', 'Where is Paris?']);
  const search = page.getByRole('searchbox', { name: 'Search the chats' });
  await search.fill('RESUME paris');
  await expect.poll(() => chats(page)).toEqual(['Where is Paris?']);
  await expect.poll(() => page.locator('.conversation-excerpt').textContent()).toContain('un résumé');
  await page.screenshot({ path: join(pictures, 'conversation-search.png'), animations: 'disabled' });
  expect(await auditPage(page)).toEqual([]);
  await search.fill('nowhere');
  await page.getByText('Nothing found.').waitFor();
  await search.fill('');

  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Export all' }).click(),
  ]);
  const file = await download.path();
  const [markdown] = await Promise.all([page.waitForEvent('download'), choose(page, 'Where is Paris?', 'Export')]);
  expect(await readFile(await markdown.path(), 'utf8')).toBe(
    `# Where is Paris?\n\n## You\n\nWhere is Paris?\n\n## Answer\n\n${answer}\n`,
  );
  await using fresh = await openDemo(browser, gateway.url);
  const importFile = async () => {
    const [chooser] = await Promise.all([
      fresh.page.waitForEvent('filechooser'),
      fresh.page.getByRole('button', { name: 'Import' }).click(),
    ]);
    await chooser.setFiles({
      name: 'headway-chats.json',
      mimeType: 'application/json',
      buffer: Buffer.from(await readFile(file)),
    });
  };
  await importFile();
  await fresh.page.getByText('2 chats imported.').waitFor();
  await importFile();
  await fresh.page.getByText('Everything in the file is here already.').waitFor();
  expect(await chats(fresh.page)).toEqual(['Where is Zürich?', 'Where is Paris?']);
  await fresh.page.getByRole('button', { name: 'Where is Paris?', exact: true }).click();
  await expect.poll(() => answers(fresh.page)).toEqual([answer]);
  expect([...complaints, ...fresh.complaints]).toEqual([]);
});

test('an edited message and another answer are versions, and the switch goes back', async () => {
  await using demo = await openDemo(browser, gateway.url);
  const { page } = demo;
  await ask(page, 'First');
  const [first = ''] = await answers(page);
  await page.getByRole('button', { name: 'Answer again' }).click();
  await page.getByText('2/2').waitFor();
  await finished(page, 1);
  expect(await answers(page)).not.toContain(first);
  await page.getByRole('button', { name: 'Earlier version of the answer' }).click();
  await page.getByText('1/2').waitFor();
  expect(await answers(page)).toEqual([first]);
  await ask(page, 'Second');

  await page.getByRole('button', { name: 'Edit the message' }).first().click();
  await page.getByRole('textbox', { name: 'New text of the question' }).fill('First, but other');
  await page.keyboard.press('Enter');
  await expect.poll(() => messages(page)).toEqual(['First, but other']);
  await finished(page, 1);
  await page.getByRole('button', { name: 'Earlier version of the message' }).click();
  await expect.poll(() => messages(page)).toEqual(['First', 'Second']);
  expect((await answers(page))[0]).toBe(first);
  await page.getByRole('button', { name: 'Copy the message' }).last().click();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('Second');
});

test('the text is whole after three forced reconnects', async () => {
  await using setup = await startScriptedDemo({ script: { reply: words(600) } });
  await using proxy = await startCutProxy(setup.gateway.url);
  await using demo = await openDemo(browser, proxy.url);
  const { page, panel } = demo;
  await send(page, 'Count');
  await panel.getByText('Reading the prompt').waitFor();
  for (const word of ['word80', 'word200', 'word320']) {
    await setup.clock.advance(1500);
    await page.getByText(word, { exact: false }).waitFor();
    const { connections } = proxy.counts;
    proxy.cut();
    await expect.poll(() => proxy.counts.connections).toBeGreaterThan(connections);
  }
  await setup.clock.advance(20_000);
  await finished(page, 1);
  expect(await answers(page)).toEqual([words(600)]);
});

test('a full storage is told, and the chat goes on until there is room again', async () => {
  await using demo = await openDemo(browser, gateway.url);
  const { page, context } = demo;
  const session = await context.newCDPSession(page);
  const quota = (quotaSize?: number) =>
    session.send('Storage.overrideQuotaForOrigin', { origin: gateway.url, ...(quotaSize && { quotaSize }) });
  await quota(1);
  await ask(page, 'Is it full?');
  await page.getByText('storage is full').waitFor();
  await newChat(page);
  await page.getByRole('button', { name: 'Is it full?', exact: true }).click();
  await finished(page, 1);
  await quota();
  await ask(page, 'And now?');
  await page.getByText('storage is full').waitFor({ state: 'detached' });
  await page.reload();
  await finished(page, 2);
  expect(await messages(page)).toEqual(['Is it full?', 'And now?']);
});

test('the keyboard alone goes from an empty page to a second answer, another chat and back', async () => {
  await using demo = await openDemo(browser, gateway.url);
  const { page } = demo;
  const { keyboard } = page;
  const tabTo = async (name: string) => {
    for (let presses = 0; presses < 40; presses++) {
      await keyboard.press('Tab');
      if (
        await page
          .getByRole('button', { name, exact: true })
          .evaluateAll((all) => all.includes(document.activeElement as HTMLElement))
      )
        return;
    }
    throw new Error(`Tab does not reach ${name}`);
  };
  await keyboard.type('One');
  await keyboard.press('Enter');
  await finished(page, 1);
  await keyboard.type('Two');
  await keyboard.press('Enter');
  await finished(page, 2);
  await tabTo('What to do with “One”');
  await keyboard.press('Enter');
  await keyboard.press('Escape');
  await keyboard.press('Enter');
  await keyboard.press('Tab');
  await keyboard.press('Enter');
  await keyboard.type('My chat');
  await keyboard.press('Escape');
  expect(await chats(page)).toEqual(['One']);
  await keyboard.press('Enter');
  await keyboard.press('Tab');
  await keyboard.press('Enter');
  await keyboard.type('My chat');
  await keyboard.press('Enter');
  await expect.poll(() => chats(page)).toEqual(['My chat']);
  await keyboard.press('Enter');
  for (let presses = 0; presses < 4; presses++) await keyboard.press('Tab');
  await keyboard.press('Enter');
  await expect.poll(() => chats(page)).toEqual([]);
  await page.getByText('Deleted “My chat”.').waitFor();
  await keyboard.press('Enter');
  await expect.poll(() => messages(page)).toEqual(['One', 'Two']);
});
