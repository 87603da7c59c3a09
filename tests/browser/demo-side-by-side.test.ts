import { join } from 'node:path';

import type { Engine } from '@headway/engine';
import type { GenerateInput } from '@headway/protocol';
import type { Browser } from 'playwright-core';
import { expect, test } from 'vitest';

import { auditPage } from './audit-page.ts';
import { looks, pictures, useBrowser } from './demo-browser.ts';
import { focusOf } from './focus-of.ts';
import { openDemo, paste, send } from './open-demo.ts';
import { startScriptedDemo, words } from './scripted-demo.ts';

let browser: Browser;
useBrowser((opened) => (browser = opened));

/** The requests that an engine gets from now on. */
function spyOnRequests(engine: Engine): GenerateInput[] {
  const requests: GenerateInput[] = [];
  const generate = engine.generate.bind(engine);
  engine.generate = (request, options) => {
    requests.push(request);
    return generate(request, options);
  };
  return requests;
}

test.each(looks)(
  'four answers over one reading: one is stopped, one is picked, and the chat goes on ($name)',
  async ({ name, ...look }) => {
    let next = 0;
    const script = () => ({ reply: `Answer ${++next}: ${words(60)}`, decodeTokensPerSecond: 20 });
    await using setup = await startScriptedDemo({ script }, { parallel: 4 });
    const { clock, engine, gateway } = setup;
    const asked = spyOnRequests(engine);
    await using demo = await openDemo(browser, gateway.url, look);
    const { page, panel, complaints } = demo;
    const inspect = async (state: string) => {
      await page.screenshot({ path: join(pictures, `side-${state}-${name}.png`), animations: 'disabled' });
      expect({ state, findings: await auditPage(page) }).toEqual({ state, findings: [] });
    };
    await page.getByRole('button', { name: /^Answers side by side/ }).click();
    await page.getByRole('radio', { name: '4', exact: true }).dispatchEvent('click');
    await inspect('asked');
    await page.keyboard.press('Escape');
    await paste(page, words(4000));
    await page.getByText('Pasted text').waitFor();
    await send(page, 'Compare');
    await panel.getByText('Reading the prompt').waitFor();
    await clock.advance(1000);
    await panel.getByText('2,000 tokens/s').waitFor();
    expect(
      asked.map(({ choices }) => choices),
      'one request, whose prompt is read once',
    ).toEqual([4]);
    expect(await panel.count(), 'one bar for all').toBe(1);
    expect(await page.getByRole('progressbar').count()).toBe(1);
    await inspect('reading');

    await clock.advance(2000);
    await page.getByText(/^4 answers · [\d,]+ tokens · .*4 writing$/).waitFor();
    const card = (number: number) => page.getByRole('group', { name: `Answer ${number}`, exact: true });
    await card(2).getByRole('button', { name: 'Stop' }).click();
    await expect
      .poll(async () => {
        await clock.advance(50);
        return card(2).getByText('stopped by you').count();
      })
      .toBe(1);
    await page.getByText(/^4 answers · .*3 writing · 1 done$/).waitFor();
    await inspect('writing');
    await clock.advance(20_000);
    await page.getByText(/^4 answers · .*4 done$/).waitFor();
    const third = await card(3).locator('.answer-text').textContent();
    expect(third).toMatch(/word59$/);
    expect(await card(2).locator('.answer-text').textContent()).not.toContain('word59');
    await inspect('done');

    await card(3).getByRole('button', { name: 'Go on with this' }).press('Enter');
    await page.getByText('3/4').waitFor();
    expect((await focusOf(page))?.name).toBe('Message');
    expect(await page.locator('.answer-text').allTextContents()).toEqual([third]);
    await page.getByRole('button', { name: /^Answers side by side/ }).click();
    await page.getByRole('radio', { name: '1', exact: true }).dispatchEvent('click');
    await page.keyboard.press('Escape');
    await send(page, 'Go on');
    await panel.getByText('Reading the prompt').waitFor();
    await clock.advance(20_000);
    await expect.poll(() => page.locator('.answer-text').count()).toBe(2);
    await page.getByText('finished').last().waitFor();
    await inspect('picked');
    expect(complaints).toEqual([]);
  },
);
