import type { Page } from 'playwright-core';

import { send } from '../../open-demo.ts';
import { startScriptedDemo } from '../../scripted-demo.ts';
import { startSharedDemo, useKey } from '../shared-demo.ts';
import type { Look, Scene } from '../stage.ts';
import { answers, attach, longAnswer, sample } from '../texts.ts';

async function openRail(page: Page, look: Look): Promise<void> {
  if (look === 'phone') await page.getByRole('button', { name: 'Show the chats' }).click();
}

export const gatewayPanel: Scene = {
  title: 'The gateway',
  pictures: { gateway: 'What the gateway does: slots, queue, speed, cache and connections.' },
  async play({ look, open, picture }) {
    const script = { reply: longAnswer, decodeTokensPerSecond: 20 };
    await using shared = await startSharedDemo({ script }, { parallel: 4 }, [300, 5000]);
    const { clock, gateway, key } = shared;
    await clock.advance(8000);
    await using demo = await open(gateway.url);
    const { page, panel } = demo;
    await useKey(page, key);
    await send(page, 'Tell me what the two texts say about waiting');
    await panel.getByText('Reading the prompt').waitFor();
    await clock.advance(3000);
    await page.getByText('Writing', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'New chat' }).click();
    await page.getByText('Watch the model read').waitFor();
    await attach(page, { [sample]: 5000 });
    await send(page, 'What is this about?');
    await panel.getByText('Reading the prompt').waitFor();
    await clock.advance(1200);
    await openRail(page, look);
    await page.getByRole('tab', { name: 'Gateway' }).click();
    await page.getByText(/^Reading [\d,]+ of 5,/).waitFor();
    await picture(page, 'gateway');
  },
};

export const conversations: Scene = {
  title: 'Conversations',
  pictures: {
    conversations: 'The list of chats, and what can be done with one.',
    search: 'The search looks through titles and texts.',
    edit: 'A sent message is edited in its place; the earlier version stays.',
    versions: 'An answer has versions, and so has a message.',
    undo: 'A deleted chat can be had back.',
  },
  async play({ look, open, picture }) {
    let next = 0;
    await using setup = await startScriptedDemo({ script: () => ({ reply: answers[next++ % answers.length] }) });
    const { clock, gateway } = setup;
    await using demo = await open(gateway.url);
    const { page, panel } = demo;
    const ask = async (text: string) => {
      await send(page, text);
      await panel.getByText('Reading the prompt').waitFor();
      await clock.advance(20_000);
      await page.getByText('finished').last().waitFor();
    };
    for (const text of [
      'How long does a prompt of 20,000 tokens take to read?',
      'Write a limerick about a queue',
      'Which of these contracts ends first?',
      'What is a slot?',
    ]) {
      if (await page.getByRole('button', { name: 'New chat' }).isEnabled()) {
        await page.getByRole('button', { name: 'New chat' }).click();
        await page.getByText('Watch the model read').waitFor();
      }
      await ask(text);
    }
    await openRail(page, look);
    const menu = page.getByRole('button', { name: 'What to do with “Write a limerick about a queue”' });
    await menu.click();
    await page.getByRole('button', { name: 'Pin', exact: true }).click();
    await menu.click();
    await page.getByRole('button', { name: 'Unpin' }).waitFor();
    await picture(page, 'conversations');
    await menu.click();
    await page.getByRole('searchbox').fill('percentage');
    await page.locator('.conversation-excerpt').first().waitFor();
    await picture(page, 'search');
    await page.getByRole('searchbox').fill('');
    if (look === 'phone') await page.getByRole('button', { name: 'Close the list' }).click();
    await page.getByRole('button', { name: 'Edit the message' }).click();
    await page
      .getByRole('textbox', { name: 'New text of the question' })
      .fill('What is a slot, and how many are there?');
    await picture(page, 'edit');
    await page.locator('.question-editor').getByRole('button', { name: 'Send' }).click();
    await panel.getByText('Reading the prompt').waitFor();
    await clock.advance(20_000);
    await page.getByText('finished').waitFor();
    await page.getByRole('button', { name: 'Answer again' }).click();
    await panel.getByText('Reading the prompt').waitFor();
    await clock.advance(20_000);
    await page.getByText('finished').waitFor();
    await picture(page, 'versions');
    await openRail(page, look);
    await page.getByRole('button', { name: 'What to do with “What is a slot?”' }).click();
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('button', { name: 'Undo' }).waitFor();
    await picture(page, 'undo');
  },
};
