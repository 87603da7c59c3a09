import { startScriptedDemo, words } from '../../scripted-demo.ts';
import { send } from '../../open-demo.ts';
import { startSharedDemo, useKey } from '../shared-demo.ts';
import type { Scene } from '../stage.ts';
import { attach, sample } from '../texts.ts';

const question = 'What do they say about waiting?';

export const loading: Scene = {
  title: 'Waiting',
  pictures: { loading: 'The model loads, with how much of it is in memory.' },
  async play({ open, picture }) {
    await using setup = await startScriptedDemo({ loadMs: 5000 }, { lazy: true });
    await using demo = await open(setup.gateway.url);
    const { page, panel } = demo;
    await attach(page, { [sample]: 2000, 'docs/protocol.md': 3000 });
    await send(page, question);
    await panel.getByText('Loading the model').waitFor();
    await setup.clock.advance(2000);
    await panel.getByRole('progressbar', { name: 'Model loaded' }).and(page.locator('[aria-valuenow="40"]')).waitFor();
    await picture(page, 'loading');
  },
};

export const queue: Scene = {
  title: 'Waiting',
  pictures: {
    queue: 'A place in the queue, which here is five requests long.',
    'queue-panel': 'The same queue in the gateway’s panel: one’s own requests have their names.',
  },
  async play({ look, open, picture }) {
    await using shared = await startSharedDemo({}, { parallel: 1 }, [9000, 3000, 2000, 2000, 1000]);
    const { clock, gateway, key } = shared;
    await clock.advance(1000);
    await using demo = await open(gateway.url);
    const { page, panel } = demo;
    await useKey(page, key);
    await attach(page, { [sample]: 2000, 'docs/protocol.md': 3000 });
    await send(page, question);
    await panel.getByText('Queued at place 5').waitFor();
    await clock.advance(3000);
    await picture(page, 'queue');
    if (look === 'phone') await page.getByRole('button', { name: 'Show the chats' }).click();
    await page.getByRole('tab', { name: 'Gateway' }).click();
    await page.getByText('Place 5', { exact: true }).waitFor();
    await picture(page, 'queue-panel');
  },
};

export const turn: Scene = {
  title: 'Waiting',
  pictures: { waiting: 'Other prompts are read first: no progress of one’s own, and not shown as such.' },
  async play({ open, picture }) {
    await using setup = await startScriptedDemo({}, { parallel: 3 });
    const { clock, engine, gateway } = setup;
    await using demo = await open(gateway.url);
    const { page, panel } = demo;
    const first = engine.generate({ prompt: words(5000), maxTokens: 1 }).result();
    await clock.advance(300);
    await attach(page, { [sample]: 2000, 'docs/protocol.md': 3000 });
    await send(page, question);
    await panel.getByText('Another prompt is read first').waitFor();
    await picture(page, 'waiting');
    await clock.advance(60_000);
    await first;
  },
};
