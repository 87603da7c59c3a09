import { join } from 'node:path';

import { createEngine, createIsolatedEngine, createVirtualClock, scripted } from '@headway/engine';
import { startGateway } from '@headway/gateway';
import type { Browser } from 'playwright-core';
import { expect, test } from 'vitest';

import { startCutProxy } from '../system/cut-proxy.ts';
import { auditPage } from './audit-page.ts';
import { looks, pictures, useBrowser } from './demo-browser.ts';
import { demoPage, openDemo, paste, send } from './open-demo.ts';
import { startScriptedDemo, words } from './scripted-demo.ts';
import { barRuns, watchAnswer } from './watch-answer.ts';

let browser: Browser;
useBrowser((opened) => (browser = opened));

test.each(looks)(
  'after its gateway was killed and restarted, the page reports that the answer is lost ($name)',
  async ({ name, ...look }) => {
    const setup = await startScriptedDemo({ script: { reply: words(600) } });
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

    // To the page, the gateway vanishes.
    proxy.goDown();
    await setup[Symbol.asyncDispose]();
    await page.getByText('If the gateway still runs, the answer goes on there.').waitFor();
    await page.getByRole('button', { name: /Not connected$/ }).waitFor();
    await inspect('killed');

    const clock = createVirtualClock();
    await using engine = await createEngine({ backend: scripted({ script: { reply: 'Anew.' }, clock }), clock });
    const port = Number(new URL(setup.gateway.url).port);
    await using _restarted = await startGateway({ engine, port, page: demoPage });
    proxy.goUp();
    const problem = page.getByRole('group', { name: 'Problem' });
    await problem.getByText('The gateway no longer has this answer').waitFor();
    for (const place of [problem, page.getByRole('status')]) {
      expect(await place.textContent()).not.toMatch(/[0-9a-f]{32}|grace|lastEventId/);
    }
    expect(await page.locator('.answer-text').textContent()).toContain('word80');
    await inspect('lost');
    await problem.getByRole('button', { name: 'Try again' }).click();
    await panel.getByText('Reading the prompt').waitFor();
    await clock.advance(20_000);
    await page.getByText('finished').waitFor();
    expect(await page.locator('.answer-text').textContent()).toBe('Anew.');
  },
);

test('an engine that dies while it reads is told as such, with what it had read', async () => {
  let pid = 0;
  await using engine = await createIsolatedEngine({
    backend: { module: new URL('./slow-reader.fixture.ts', import.meta.url).href },
    execArgv: ['--import', import.meta.resolve('tsx'), '--conditions=@headway/source'],
    onProcess: (news) => {
      if (news.type === 'started') pid = news.pid ?? 0;
    },
  });
  await using gateway = await startGateway({ engine, port: 0, page: demoPage });
  await using demo = await openDemo(browser, gateway.url);
  const { page, panel } = demo;
  await paste(page, words(10_000));
  await page.getByText('Pasted text').waitFor();
  await watchAnswer(page);
  await send(page, 'What does it say?');
  await panel.getByText(/^[\d,]+ read now$/).waitFor();
  process.kill(pid, 'SIGKILL');
  const problem = page.getByRole('group', { name: 'Problem' });
  await problem.getByText('The engine stopped unexpectedly').waitFor();
  await problem.getByText('it is restarting; send the request again', { exact: false }).waitFor();
  await problem.getByRole('button', { name: 'Try again' }).waitFor();
  expect(await problem.getAttribute('data-tone')).toBe('failure');
  await page.getByRole('button', { name: /^read [\d,]+ in [\d.]+ s ?[\d,]+ not read$/ }).waitFor();
  await page.screenshot({ path: join(pictures, 'crashed-light.png'), animations: 'disabled' });
  expect(await auditPage(page)).toEqual([]);
  await problem.getByRole('button', { name: 'Try again' }).click();
  await panel.getByText(/^[\d,]+ read now$/).waitFor();
  const runs = await barRuns(page);
  expect(runs.length, 'a bar before the crash, and one after it').toBe(2);
  for (const run of runs) expect(run, 'the bar never goes back').toEqual(run.toSorted((a, b) => a - b));
});

test('the page offers another try after an internal error', async () => {
  const fault = { phase: 'decode', afterTokens: 3, does: 'fail' } as const;
  let fails = true;
  const script = () => ({ reply: words(6), ...(fails && { fault }) });
  await using setup = await startScriptedDemo({ script });
  await using demo = await openDemo(browser, setup.gateway.url);
  const { page, panel } = demo;
  await send(page, 'Count');
  await panel.getByText('Reading the prompt').waitFor();
  await setup.clock.advance(2000);
  const problem = page.getByRole('group', { name: 'Problem' });
  await problem.getByText('Something went wrong inside the gateway').waitFor();
  await problem.getByText('Another try may work or fail again', { exact: false }).waitFor();
  await page.screenshot({ path: join(pictures, 'internal-light.png'), animations: 'disabled' });
  expect(await auditPage(page)).toEqual([]);
  fails = false;
  await problem.getByRole('button', { name: 'Try again' }).click();
  await panel.getByText('Reading the prompt').waitFor();
  await setup.clock.advance(20_000);
  await page.getByText('finished').waitFor();
  expect(await page.locator('.answer-text').textContent()).toBe(words(6));
});

test('the page shows the slots of all models together', async () => {
  const clock = createVirtualClock();
  const backend = [scripted({ modelId: 'one', clock }), scripted({ modelId: 'two', clock })] as const;
  await using engine = await createEngine({ backend, parallel: 4, clock });
  await using gateway = await startGateway({ engine, port: 0, page: demoPage });
  await using demo = await openDemo(browser, gateway.url);
  await demo.page.getByRole('button', { name: /Ready$/ }).click();
  await demo.page.getByText('0 of 8 slots at work, of 2 models together.').waitFor();
  expect(await demo.page.getByRole('definition').allTextContents()).toContain('4');
  await demo.page.screenshot({ path: join(pictures, 'two-models-light.png'), animations: 'disabled' });
});

test('the page shows a stall in place of the rate', async () => {
  const fault = { phase: 'decode', afterTokens: 20, does: 'stall' } as const;
  await using setup = await startScriptedDemo({ script: { reply: words(600), fault } });
  await using demo = await openDemo(browser, setup.gateway.url, { phone: true });
  await demo.page.clock.install();
  await send(demo.page, 'Count');
  await demo.panel.getByText('Reading the prompt').waitFor();
  await setup.clock.advance(5000);
  await demo.page.getByText('wrote 20').waitFor();
  await demo.page.clock.fastForward(4000);
  await demo.page
    .locator('.answer-foot')
    .getByText(/^No progress for \d s$/)
    .waitFor();
  expect(await demo.page.locator('.answer').textContent()).not.toContain('tokens/s');
  await demo.page.screenshot({ path: join(pictures, 'stalled-phone.png'), animations: 'disabled' });
});
