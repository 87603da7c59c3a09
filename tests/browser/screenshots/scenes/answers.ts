import { tour } from '../../markdown-page/tour.ts';
import { send } from '../../open-demo.ts';
import { startScriptedDemo } from '../../scripted-demo.ts';
import type { Scene } from '../stage.ts';
import { attach, longAnswer, sample, wordsOf } from '../texts.ts';

export const writing: Scene = {
  title: 'Answers',
  pictures: {
    thinking: 'The model thinks: its thoughts are folded, with their tokens and seconds.',
    writing: 'It writes: the panel has become a strip of what was cached, read and written.',
    timeline: 'The strip opens to the answer’s timeline, with rates and a chart.',
  },
  async play({ open, picture }) {
    const reasoning = await wordsOf('docs/glossary.md', 160);
    await using setup = await startScriptedDemo({
      script: { reasoning, reply: longAnswer, decodeTokensPerSecond: 40 },
    });
    const { clock, gateway } = setup;
    await using demo = await open(gateway.url);
    const { page, panel } = demo;
    await attach(page, { [sample]: 2000, 'docs/protocol.md': 3000 });
    await send(page, 'What do they say about waiting?');
    await panel.getByText('Reading the prompt').waitFor();
    await clock.advance(4500);
    await page.getByText(/^Thinking for [12]/).waitFor();
    await picture(page, 'thinking');
    await clock.advance(4500);
    await page.getByText('What they say about waiting', { exact: true }).waitFor();
    await picture(page, 'writing');
    await clock.advance(60_000);
    await page.getByText('finished').waitFor();
    await page.getByRole('button', { name: /^read / }).click();
    await page.getByRole('list', { name: 'Timeline' }).waitFor();
    await page.locator('.thread-scroll').evaluate((element) => element.scrollTo(0, 0));
    await page.getByRole('button', { name: /^Prompt: [\d,]+ of/ }).waitFor();
    await picture(page, 'timeline');
  },
};

export const markdown: Scene = {
  title: 'Answers',
  pictures: {
    markdown: 'An answer with headings, lists, a quote and a table.',
    'code-and-math': 'Formulas and code, which are loaded when an answer has some.',
  },
  async play({ open, picture }) {
    await using setup = await startScriptedDemo({ script: { reply: tour } });
    await using demo = await open(setup.gateway.url);
    const { page, panel } = demo;
    await send(page, 'How is a prompt read?');
    await panel.getByText('Reading the prompt').waitFor();
    await setup.clock.advance(60_000);
    await page.getByText('finished').waitFor();
    await page.locator('.code-keyword').first().waitFor();
    await page.locator('math').first().waitFor();
    await page.locator('.thread-scroll').evaluate((element) => element.scrollTo(0, 0));
    await picture(page, 'markdown');
    await page.locator('.code').first().scrollIntoViewIfNeeded();
    await page.locator('.thread-scroll').evaluate((element) => {
      const formula = element.querySelector('.answer-text [data-display]');
      if (formula) element.scrollTop += formula.getBoundingClientRect().top - 160;
    });
    await picture(page, 'code-and-math');
  },
};
