import type { Browser } from 'playwright-core';
import { expect, test } from 'vitest';

import { startCutProxy } from '../system/cut-proxy.ts';
import { auditPage } from './audit-page.ts';
import { useBrowser } from './demo-browser.ts';
import { openDemo, paste, send } from './open-demo.ts';
import { startScriptedDemo, words } from './scripted-demo.ts';
import { barRuns, glimpses, watchAnswer } from './watch-answer.ts';

let browser: Browser;
useBrowser((opened) => (browser = opened));

test('a request behind five others is told each of its places, and then it is read', async () => {
  await using setup = await startScriptedDemo({ script: { reply: 'At last.' } }, { parallel: 1 });
  const { clock, engine, gateway } = setup;
  const others = Array.from({ length: 5 }, (_, at) => engine.generate({ prompt: words(9000 + at) }));
  await using demo = await openDemo(browser, gateway.url);
  const { page, panel, complaints } = demo;
  await send(page, 'And I?');
  for (const [at, other] of others.entries()) {
    const place = others.length - at;
    await panel.getByText(place === 1 ? 'Next in the queue' : `Queued at place ${place}`).waitFor();
    const before = [undefined, 'Starts when a slot is free', 'One request is before yours'][place];
    await panel.getByText(before ?? `${place - 1} requests are before yours`).waitFor();
    expect(await auditPage(page)).toEqual([]);
    const ended = other.cancel();
    await clock.advance(1000);
    await ended;
  }
  await clock.advance(20_000);
  await page.getByText('finished').waitFor();
  expect(complaints).toEqual([]);
});

test('over cuts in the prompt and in the answer, the bar never goes back and the text is whole', async () => {
  await using setup = await startScriptedDemo({ script: { reply: words(300), decodeTokensPerSecond: 50 } });
  const { clock, gateway } = setup;
  await using proxy = await startCutProxy(gateway.url);
  await using demo = await openDemo(browser, proxy.url);
  const { page, panel } = demo;
  await paste(page, words(10_000));
  await page.getByText('Pasted text').waitFor();
  await watchAnswer(page);
  await send(page, 'What does it say?');
  await panel.getByText('Reading the prompt').waitFor();
  for (const read of [1000, 3000]) {
    await clock.advance(1000);
    await expect
      .poll(async () => Number(await panel.getByRole('progressbar').getAttribute('aria-valuenow')))
      .toBeGreaterThan(read);
    proxy.cut();
  }
  await clock.advance(4000);
  for (const word of ['word30', 'word130', 'word230']) {
    await page.locator('.answer-text').getByText(word).waitFor();
    proxy.cut();
    await clock.advance(2000);
  }
  await clock.advance(20_000);
  await page.getByText('finished').waitFor();
  expect(proxy.counts.connections).toBeGreaterThan(5);
  expect(await page.locator('.answer-text').textContent()).toBe(words(300));
  const runs = await barRuns(page);
  expect(runs.length, 'one bar').toBe(1);
  expect(runs[0]).toEqual(runs[0]?.toSorted((a, b) => a - b));
  const lengths = (await glimpses(page)).map(({ written }) => written);
  expect(lengths, 'no text disappears').toEqual(lengths.toSorted((a, b) => a - b));
});
