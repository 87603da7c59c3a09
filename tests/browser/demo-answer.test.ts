import type { Browser } from 'playwright-core';
import { expect, test } from 'vitest';

import { auditPage } from './audit-page.ts';
import { looks, pictures, useBrowser } from './demo-browser.ts';
import { tour } from './markdown-page/tour.ts';
import { openDemo, send } from './open-demo.ts';
import { startScriptedDemo, words } from './scripted-demo.ts';

let browser: Browser;
useBrowser((opened) => (browser = opened));

test.each(looks)('an answer shows its Markdown, and its thoughts are folded ($name)', async ({ name, ...look }) => {
  const script = { reasoning: words(40), reply: tour, decodeTokensPerSecond: 20 };
  await using setup = await startScriptedDemo({ script });
  await using demo = await openDemo(browser, setup.gateway.url, look);
  const { page, panel, complaints } = demo;
  await send(page, 'How is a prompt read?');
  await panel.getByText('Reading the prompt').waitFor();
  await setup.clock.advance(1500);
  await page.getByText(/^Thinking for 1 s · \d+ tokens$/).waitFor();
  await setup.clock.advance(3000);
  await page.getByText(/^Thought for 2\.\d s · 40 tokens$/).waitFor();
  await page.screenshot({ path: `${pictures}/answer-writing-${name}.png` });
  await setup.clock.advance(60_000);
  await page.getByText('finished').waitFor();

  await page.getByText(/^Thought for/).click();
  expect(await page.getByRole('group', { name: 'Thoughts' }).textContent()).toBe(words(40));
  const code = page.locator('.code').first();
  await code.getByRole('button', { name: 'Wrap lines' }).click();
  await code.getByRole('button', { name: 'Do not wrap lines' }).waitFor();
  await code.getByRole('button', { name: 'Copy the code' }).click();
  await code.getByRole('button', { name: 'Copied' }).waitFor();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(/^import \{ createClient[^]*\n\}$/);
  await page.locator('.code-keyword').first().waitFor();
  await page.locator('math').first().waitFor();
  await page.screenshot({ path: `${pictures}/answer-markdown-${name}.png` });
  expect(await auditPage(page)).toEqual([]);
  expect(complaints).toEqual([]);
});
