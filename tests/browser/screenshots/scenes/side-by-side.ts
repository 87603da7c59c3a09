import { startScriptedDemo } from '../../scripted-demo.ts';
import { send } from '../../open-demo.ts';
import type { Scene } from '../stage.ts';
import { answers, attach, sample } from '../texts.ts';

export const sideBySide: Scene = {
  title: 'Side by side',
  pictures: {
    'side-by-side-asked': 'One to eight answers to each message.',
    'side-by-side-reading': 'The prompt of four answers is read once.',
    'side-by-side-writing': 'Four answers are written, each with its tokens and rate; one was stopped.',
    'side-by-side-done': 'All are done: one of them is picked to go on with.',
  },
  async play({ open, picture }) {
    let next = 0;
    const script = () => ({ reply: answers[next++ % answers.length], decodeTokensPerSecond: 20 });
    await using setup = await startScriptedDemo({ script }, { parallel: 4 });
    const { clock, gateway } = setup;
    await using demo = await open(gateway.url);
    const { page, panel } = demo;
    await page.getByRole('button', { name: /^Answers side by side/ }).click();
    await page.getByRole('radio', { name: '4', exact: true }).check();
    await picture(page, 'side-by-side-asked');
    await page.keyboard.press('Escape');
    await attach(page, { [sample]: 2000, 'docs/protocol.md': 3000 });
    await send(page, 'What do they say about waiting?');
    await panel.getByText('Reading the prompt').waitFor();
    await clock.advance(1500);
    await panel.getByText('2,000 tokens/s').waitFor();
    await picture(page, 'side-by-side-reading');
    await clock.advance(1900);
    await page.getByText(/^4 answers · .*writing/).waitFor();
    await page.getByRole('button', { name: 'Stop', exact: true }).nth(1).click();
    while ((await page.getByText('stopped by you').count()) === 0) await clock.advance(10);
    await page.locator('.side-by-side').evaluate((element) => element.scrollIntoView({ block: 'start' }));
    await picture(page, 'side-by-side-writing');
    await clock.advance(20_000);
    await page.getByText(/^4 answers · .*4 done/).waitFor();
    await page.getByRole('button', { name: /^Prompt: [\d,]+ of/ }).waitFor();
    await picture(page, 'side-by-side-done');
  },
};
