import type { Browser, Page } from 'playwright-core';
import { expect, test } from 'vitest';

import { auditPage } from './audit-page.ts';
import { useBrowser } from './demo-browser.ts';
import { focusOf } from './focus-of.ts';
import { openDemo } from './open-demo.ts';
import { startScriptedDemo, words } from './scripted-demo.ts';

let browser: Browser;
useBrowser((opened) => (browser = opened));

/** Presses a key, after which the focus must be seen on some element. */
async function press(page: Page, key: string, passed: readonly string[] = []): Promise<string> {
  await page.keyboard.press(key);
  const focus = await focusOf(page);
  expect({ key, passed, focus }).toEqual({ key, passed, focus: { name: expect.any(String), visible: true } });
  return focus?.name ?? '';
}

/** Presses Tab or Shift+Tab until an element has the focus. */
async function reach(page: Page, name: RegExp, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
  const passed: string[] = [];
  while (!name.test(passed.at(-1) ?? '')) {
    passed.push(await press(page, key, passed));
    if (passed.length > 30) throw new Error(`${key} does not lead to ${name}, only to ${passed.join('; ')}`);
  }
}

test('the keyboard leads from the empty page to a second answer, and the focus is always seen', async () => {
  await using setup = await startScriptedDemo({ script: { reply: words(30) } });
  const { clock, gateway } = setup;
  await using demo = await openDemo(browser, gateway.url);
  const { page, panel, complaints } = demo;
  expect((await focusOf(page))?.name, 'one can write at once').toBe('Message');
  await page.keyboard.type('First');
  await reach(page, /^Settings/);
  await press(page, 'Enter');
  await page.getByRole('dialog', { name: /^Settings/ }).waitFor();
  expect(await press(page, 'Escape'), 'the focus is where it came from').toMatch(/^Settings/);
  await page.getByRole('button', { name: /^Prompt: [\d,]+ of/ }).waitFor();
  await reach(page, /^Prompt: [\d,]+ of/);
  await reach(page, /^Send$/);
  expect(await press(page, 'Enter'), 'one can go on to write').toBe('Message');
  await panel.getByText('Reading the prompt').waitFor();
  await reach(page, /^Stop$/);
  await reach(page, /^Message$/, 'Shift+Tab');
  await clock.advance(20_000);
  await page.getByText('finished').waitFor();

  await reach(page, /^Answer again$/, 'Shift+Tab');
  expect(await press(page, 'Enter'), 'the button goes, and the focus stays on the page').toBe('Message');
  await panel.getByText('Reading the prompt').waitFor();
  await clock.advance(20_000);
  await page.getByText('finished').waitFor();
  await reach(page, /wrote 30 at/, 'Shift+Tab');
  await press(page, 'Enter');
  await page.getByRole('list', { name: 'Timeline' }).waitFor();
  await reach(page, /^Message$/);
  await page.keyboard.type('Second');
  await press(page, 'Enter');
  await panel.getByText('Reading the prompt').waitFor();
  await clock.advance(20_000);
  await expect.poll(() => page.getByText('finished').count()).toBe(2);
  expect((await focusOf(page))?.name).toBe('Message');
  expect(await auditPage(page)).toEqual([]);
  expect(complaints).toEqual([]);
});

test('the keyboard opens the gateway’s panel, which shows one’s own request and cancels it', async () => {
  await using setup = await startScriptedDemo({ script: { reply: words(5000) } }, { parallel: 2 });
  const { clock, engine, gateway } = setup;
  await using demo = await openDemo(browser, gateway.url);
  const { page, panel, complaints } = demo;
  await page.keyboard.type('Count to five thousand');
  await press(page, 'Enter');
  await panel.getByText('Reading the prompt').waitFor();
  await clock.advance(3000);
  await page.getByText('Writing', { exact: true }).waitFor();

  await reach(page, /^Chats$/, 'Shift+Tab');
  expect(await press(page, 'ArrowRight')).toBe('Gateway');
  const own = page.getByRole('region', { name: 'Gateway' }).getByRole('listitem').first();
  await own.getByText('Count to five thousand').waitFor();
  await own.getByText(/^Writing, [\d,]+ tokens, [\d.]+\/s$/).waitFor();
  expect(await auditPage(page)).toEqual([]);
  await reach(page, /^Cancel Count to five thousand$/);
  expect(await press(page, 'Enter'), 'its row goes, and the focus stays in the panel').toMatch(
    /^\d of 2 slots at work/,
  );
  await expect.poll(async () => (await engine.activity()).slots.busy).toBe(0);
  await page.getByText('stopped by you').waitFor();
  await page.getByText('1 of 2 slots at work').waitFor({ state: 'detached' });
  expect(await auditPage(page)).toEqual([]);
  expect(complaints).toEqual([]);
});
