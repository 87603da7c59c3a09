import { join } from 'node:path';

import type { Browser, Page } from 'playwright-core';
import { expect, test } from 'vitest';

import { startCutProxy } from '../system/cut-proxy.ts';
import { auditPage } from './audit-page.ts';
import { looks, pictures, useBrowser } from './demo-browser.ts';
import { openDemo, paste, send } from './open-demo.ts';
import { startScriptedDemo, words } from './scripted-demo.ts';
import { barRuns, glimpses, watchAnswer } from './watch-answer.ts';

let browser: Browser;
useBrowser((opened) => (browser = opened));

const reply = [
  'The document has two sections. The first one says what `prefill` is.',
  'Run it yourself:\n```sh\nnpm start -- --model path/to/model.gguf\n```',
  'Then ask again. A bigger model reads the same text more slowly and says more about it.',
].join('\n\n');

test('the page tells from four seconds on that nothing comes, and only an event moves its mark', async () => {
  const fault = { phase: 'prefill', afterTokens: 4000, does: 'stall' } as const;
  await using setup = await startScriptedDemo({ script: { prefillTokensPerSecond: 2000, fault } });
  await using demo = await openDemo(browser, setup.gateway.url);
  const { page, panel } = demo;
  await paste(page, words(20_000));
  await page.getByText('Pasted text').waitFor();
  await page.clock.install();
  await send(page, 'What does it say?');
  await panel.getByText('Reading the prompt').waitFor();
  const mark = panel.locator('.heartbeat');
  await setup.clock.advance(500);
  await panel.getByText('2,000 tokens/s').waitFor();
  const first = await mark.getAttribute('data-beat');
  await setup.clock.advance(3000);
  await panel.getByText('3,876 of 20,005 tokens').waitFor();
  const last = await mark.getAttribute('data-beat');
  expect(last, 'the mark moved with the events').not.toBe(first);
  await page.clock.fastForward(2000);
  await panel.getByText('No news yet').waitFor();
  expect(await panel.textContent()).not.toMatch(/to go|No progress/);
  await page.clock.fastForward(2000);
  await panel.getByText(/^No progress for [45] s$/).waitFor();
  await panel.getByText('2,000 tokens/s before').waitFor();
  expect(await mark.getAttribute('data-beat')).toBe(last);
  expect(await mark.evaluate((element) => element.getAnimations({ subtree: true }).length)).toBe(0);
});

test('a prompt that waits for others is not shown as being read, and no rate has that wait in it', async () => {
  await using setup = await startScriptedDemo({ script: { reply, prefillTokensPerSecond: 2000 } }, { parallel: 3 });
  const { clock, engine, gateway } = setup;
  await using demo = await openDemo(browser, gateway.url);
  const { page, panel, complaints } = demo;
  const reads = (count: number) => engine.generate({ prompt: `${count} ${words(count)}`, maxTokens: 1 }).result();
  const first = reads(5000);
  await clock.advance(300);
  await paste(page, words(20_000));
  await page.getByText('Pasted text').waitFor();
  await watchAnswer(page);
  await send(page, 'What does it say?');
  await panel.getByText('Waiting for its turn').waitFor();
  await panel.getByText('Another prompt is read first').waitFor();
  expect(await page.title()).toBe('Waiting · Headway');
  expect(await panel.textContent()).not.toMatch(/%|tokens\/s|read now/);
  await clock.advance(5000);
  await first;
  await panel.getByText('Reading the prompt').waitFor();
  const second = reads(3000);
  await clock.advance(1000);
  await panel.getByText('Waiting for its turn').waitFor();
  await page.screenshot({ path: join(pictures, 'waiting-light.png'), animations: 'disabled' });
  await clock.advance(60_000);
  await second;
  await page.getByText('finished').waitFor();
  const bars = (await glimpses(page)).flatMap(({ bar }) => bar?.now ?? []);
  expect(bars, 'the bar never goes back').toEqual(bars.toSorted((a, b) => a - b));
  await page.getByRole('button', { name: /read 20,005 in 10 s/ }).click();
  await page.getByText(/^20,005 tokens at [\d,]+ tokens\/s, [34]\.\d s of it waiting for other prompts$/).waitFor();
  await page.getByRole('img', { name: /^Reading: between (1,9|2,0)\d\d and 2,0\d\d tokens\/s in / }).waitFor();
  expect(complaints).toEqual([]);
});

test.each(looks.slice(1))(
  'each document’s chip fills while it is read, and the panel names it ($name)',
  async ({ name, ...look }) => {
    await using setup = await startScriptedDemo({ script: { reply, prefillTokensPerSecond: 2000 } });
    const { clock, gateway } = setup;
    await using demo = await openDemo(browser, gateway.url, look);
    const { page, panel, complaints } = demo;
    const files = [4000, 3000, 2000].map((count, at) => ({
      name: `part-${at + 1}-of-the-contract.txt`,
      mimeType: 'text/plain',
      buffer: Buffer.from(`${at} ${words(count)}`),
    }));
    await page.locator('input[type=file]').first().setInputFiles(files);
    await page.getByRole('button', { name: /^Remove part-3/ }).waitFor();
    await watchFills(page);
    await send(page, 'What do they say?');
    await panel.getByText('Reading the prompt').waitFor();
    const filled = (pattern: RegExp) =>
      expect
        .poll(async () => (await page.evaluate(() => window.fills)).map((fill) => fill.at(-1)).join())
        .toMatch(pattern);
    await clock.advance(1000);
    await filled(/^[345]\d,0,0$/);
    await clock.advance(1800);
    await filled(/^100,[345]\d,0$/);
    await panel.getByText('part-2-of-the-contract.txt, 2 of 3').waitFor();
    await page.screenshot({ path: join(pictures, `documents-${name}.png`), animations: 'disabled' });
    expect(await auditPage(page)).toEqual([]);
    await clock.advance(1300);
    await filled(/^100,100,[1-9]\d$/);
    await clock.advance(60_000);
    await page.getByText('finished').waitFor();
    await filled(/^100,100,100$/);
    for (const fill of await page.evaluate(() => window.fills)) {
      expect(fill, 'never back').toEqual(fill.toSorted((a, b) => a - b));
    }
    expect(await page.locator('.document-fill').count(), 'nothing fills once it is read').toBe(0);
    await page.getByRole('button', { name: /^read / }).click();
    const listed = page.getByRole('list', { name: 'Documents read' }).getByRole('listitem');
    await listed.first().waitFor();
    expect(await listed.allInnerTexts()).toEqual([
      expect.stringMatching(/part-1\S+\s+4,00\d tokens/),
      expect.stringMatching(/part-2\S+\s+3,00\d tokens/),
      expect.stringMatching(/part-3\S+\s+2,00\d tokens/),
    ]);
    expect(complaints).toEqual([]);
  },
);

test('the panel tells a lost connection as such, and goes on from the same place', async () => {
  await using setup = await startScriptedDemo({ script: { reply, prefillTokensPerSecond: 2000 } });
  await using proxy = await startCutProxy(setup.gateway.url);
  await using demo = await openDemo(browser, proxy.url);
  const { page, panel } = demo;
  await paste(page, words(20_000));
  await page.getByText('Pasted text').waitFor();
  await watchAnswer(page);
  await send(page, 'What does it say?');
  await panel.getByText('Reading the prompt').waitFor();
  await setup.clock.advance(3000);
  await panel.getByText('2,000 tokens/s').waitFor();
  const height = (await panel.boundingBox())?.height;
  proxy.goDown();
  await panel.getByText('Connection lost').waitFor();
  await panel.getByText('Reconnecting to the gateway').waitFor();
  expect(await panel.textContent()).not.toContain('to go');
  expect((await panel.boundingBox())?.height).toBe(height);
  expect(await auditPage(page)).toEqual([]);
  proxy.goUp();
  await panel.getByText('Reading the prompt').waitFor();
  await setup.clock.advance(60_000);
  await page.getByText('finished').waitFor();
  const bars = (await glimpses(page)).flatMap(({ bar }) => bar?.now ?? []);
  expect(bars.length).toBeGreaterThan(5);
  expect(bars, 'the bar never goes back').toEqual(bars.toSorted((a, b) => a - b));
});

test.each([
  { name: 'light', theme: 'light' },
  { name: 'dark', theme: 'dark' },
  { name: 'phone', theme: 'light', phone: true },
] as const)('the page shows every state from loading to done accessibly ($name)', async ({ name, ...look }) => {
  await using setup = await startScriptedDemo(
    { loadMs: 5000, script: { reply, prefillTokensPerSecond: 2000, decodeTokensPerSecond: 40 } },
    { parallel: 1, lazy: true },
  );
  const { clock, engine, gateway } = setup;
  await using demo = await openDemo(browser, gateway.url, look);
  const { page, panel, complaints } = demo;
  const heights = new Set<number | undefined>();
  const inspect = async (state: string) => {
    if ((await panel.count()) > 0) heights.add((await panel.boundingBox())?.height);
    await page.screenshot({ path: join(pictures, `${state}-${name}.png`), animations: 'disabled' });
    expect({ state, findings: await auditPage(page) }).toEqual({ state, findings: [] });
  };
  await inspect('empty');

  const before = [engine.generate({ prompt: words(9000) }), engine.generate({ prompt: words(9000) })];
  await paste(page, words(20_000));
  await page.getByText('Pasted text').waitFor();
  await inspect('attached');
  await send(page, 'What does it say?');
  await panel.getByText('Loading the model').waitFor();
  await inspect('loading');
  await clock.advance(2000);
  await panel.getByRole('progressbar', { name: 'Model loaded' }).and(page.locator('[aria-valuenow="40"]')).waitFor();
  expect(await page.title()).toBe('Loading 40% · Headway');
  await inspect('loading-share');

  await clock.advance(3000);
  await panel.getByText('Queued at place 2').waitFor();
  await panel.getByText('One request is before yours').waitFor();
  await panel.getByText('20,005 tokens to read').waitFor();
  await inspect('queued');
  const cancelled = before[0]?.cancel();
  await clock.advance(1000);
  await cancelled;
  await panel.getByText('Next in the queue').waitFor();
  const next = before[1]?.cancel();
  await clock.advance(1000);
  await next;

  await clock.advance(4000);
  await panel.getByText('Reading the prompt').waitFor();
  await panel.getByText('2,000 tokens/s').waitFor();
  await panel.getByText(/^[5-9] s to go$/).waitFor();
  await expect.poll(() => page.title()).toMatch(/^[2-5]\d% · Headway$/);
  await inspect('reading');

  await clock.advance(5600);
  await page.getByText('40.0 tokens/s').waitFor();
  expect(heights.size, 'the panel has one height').toBe(1);
  expect(await styleOf(page, '.folded', 'animation'), 'it folds').toMatch(/0\.15s.*fold/);
  await page.emulateMedia({ reducedMotion: 'reduce' });
  expect(await styleOf(page, '.folded', 'animation-name')).toBe('none');
  await page.emulateMedia({ reducedMotion: 'no-preference' });
  await inspect('writing');
  await clock.advance(8000);
  await page.getByText('finished').waitFor();
  expect(await page.locator('.answer-text').innerText()).toContain('npm start -- --model path/to/model.gguf');
  await inspect('done');
  const strip = page.getByRole('button', { name: /^read 20,005 in 10 s.*wrote 39 at 40\.0 tokens\/s$/ });
  const top = (await strip.boundingBox())?.y;
  await strip.press('Enter');
  expect(await strip.getAttribute('aria-expanded')).toBe('true');
  const timeline = page.getByRole('list', { name: 'Timeline' });
  await timeline.waitFor();
  expect(await timeline.getByRole('listitem').allInnerTexts()).toEqual([
    expect.stringMatching(/^Model loaded\s+5\.0 s/),
    expect.stringMatching(/^Queued\s+[\d.]+ s/),
    expect.stringMatching(/^Read\s+10 s\s+20,005 tokens at 2,000 tokens\/s/),
    expect.stringMatching(/^Wrote\s+0\.97 s\s+39 tokens at 40\.0 tokens\/s/),
  ]);
  expect((await strip.boundingBox())?.y, 'the strip stays where it was pressed').toBe(top);
  await inspect('timeline');
  await strip.press('Enter');
  expect(await timeline.count()).toBe(0);

  await page.getByRole('button', { name: /Ready$/ }).click();
  await page.getByText('Parallel answers').waitFor();
  await inspect('model');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Settings of the answer' }).click();
  await page.getByText('Longest answer').waitFor();
  await inspect('settings');
  expect(complaints).toEqual([]);
});

test('a generation stopped during prefill says so, and the next attempt reuses its cached tokens', async () => {
  await using setup = await startScriptedDemo({ script: { reply } });
  const { clock, gateway } = setup;
  await using demo = await openDemo(browser, gateway.url);
  const { page, panel, complaints } = demo;
  await paste(page, words(10_000));
  await watchAnswer(page);
  await send(page, 'What does it say?');
  await panel.getByText('Reading the prompt').waitFor();
  await clock.advance(2000);
  const bar = page.getByRole('progressbar');
  await expect.poll(() => bar.getAttribute('aria-valuenow').then(Number)).toBeGreaterThan(3000);
  const read = Number(await bar.getAttribute('aria-valuenow'));
  expect(read).toBeLessThan(6000);

  await page.getByRole('button', { name: 'Stop' }).click();
  await page.getByRole('button', { name: 'Stopping' }).waitFor();
  // The page shows it before the gateway has received the cancellation, until which chunks go on.
  await expect
    .poll(async () => {
      await clock.advance(50);
      return page.getByText('Stopped before the first word.').count();
    })
    .toBe(1);
  await page.getByText('stopped by you').waitFor();
  expect(await bar.count()).toBe(0);

  await page.getByRole('button', { name: 'Answer again' }).click();
  const fromCache = await panel.getByText(/^[\d,]+ from cache$/).textContent();
  expect(Number(fromCache?.replace(/\D/g, ''))).toBeGreaterThanOrEqual(read);
  await clock.advance(60_000);
  await page.getByText('finished').waitFor();
  const runs = await barRuns(page);
  expect(runs.length).toBe(2);
  for (const run of runs) expect(run, 'the bar never goes back').toEqual(run.toSorted((a, b) => a - b));
  expect(complaints).toEqual([]);
});

test('Esc stops an answer, its text stays, and the chat goes on', async () => {
  await using setup = await startScriptedDemo({ script: { reply: words(100), decodeTokensPerSecond: 40 } });
  const { clock, gateway } = setup;
  await using demo = await openDemo(browser, gateway.url);
  const { page, panel, complaints } = demo;
  await send(page, 'What does it say?');
  await panel.getByText('Reading the prompt').waitFor();
  await clock.advance(300);
  await page.getByText('Writing', { exact: true }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByText('stopped by you').waitFor();
  const written = await page.locator('.answer-text').innerText();
  expect(written).toMatch(/^word0 word1 /);
  expect(words(99).startsWith(written)).toBe(true);

  await send(page, 'Go on');
  await panel.getByText(/from cache$/).waitFor();
  await clock.advance(60_000);
  await page.getByText('finished').waitFor();
  expect(await page.locator('.answer-text').first().innerText()).toBe(written);
  expect(complaints).toEqual([]);
});

test.each(['light', 'dark'] as const)(
  'the page reports a document that is too long for the model (%s)',
  async (theme) => {
    await using setup = await startScriptedDemo({ script: { reply } });
    await using demo = await openDemo(browser, setup.gateway.url, { theme });
    const { page, panel, complaints } = demo;
    await paste(page, words(40_000));
    await send(page, 'What does it say?');
    const problem = page.getByRole('group', { name: 'Problem' });
    await problem.getByText('Too long for this model').waitFor();
    expect(await problem.innerText()).toContain('40,005 tokens');
    expect(await page.getByRole('status').textContent()).toContain('Too long for this model');
    expect(await problem.getByRole('button', { name: 'Try again' }).count(), 'trying again would not help').toBe(0);
    await page.screenshot({ path: join(pictures, `error-${theme}.png`), animations: 'disabled' });
    expect(await auditPage(page)).toEqual([]);

    await problem.getByRole('button', { name: 'Edit the message' }).click();
    expect(await page.getByRole('textbox', { name: 'New text of the question' }).inputValue()).toBe(
      'What does it say?',
    );
    await page.getByRole('button', { name: 'Remove Pasted text' }).click();
    await page.keyboard.press('Enter');
    await panel.getByText('Reading the prompt').waitFor();
    await setup.clock.advance(60_000);
    await page.getByText('finished').waitFor();
    expect(complaints).toEqual([]);
  },
);

declare global {
  interface Window {
    /** The percentages that each chip has shown. */
    fills: number[][];
  }
}

function watchFills(page: Page): Promise<void> {
  return page.evaluate(() => {
    window.fills = [];
    const look = () => {
      for (const [at, fill] of document.querySelectorAll('.document-fill').entries()) {
        const now = Number(fill.getAttribute('data-percent'));
        const shown = (window.fills[at] ??= []);
        if (shown.at(-1) !== now) shown.push(now);
      }
    };
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, attributes: true });
  });
}

function styleOf(page: Page, selector: string, property: string): Promise<string> {
  return page.locator(selector).evaluate((element, name) => getComputedStyle(element).getPropertyValue(name), property);
}
