import { createEngine, remote } from '@headway/engine';
import { startGateway } from '@headway/gateway';

import { startUpstream } from '../../../upstreams/start-upstream.ts';
import type { UpstreamScript } from '../../../upstreams/upstream-script.ts';
import { demoPage, send } from '../../open-demo.ts';
import { startScriptedDemo } from '../../scripted-demo.ts';
import type { Scene } from '../stage.ts';
import { answers, attach, sample } from '../texts.ts';

export const reading: Scene = {
  title: 'Reading',
  pictures: {
    reading: 'A prompt is read of which 40 % was in the cache; the chips fill one after the other.',
    stopped: 'Stopped in the middle of the prompt: what was read stays in the cache.',
  },
  async play({ open, picture }) {
    await using setup = await startScriptedDemo({ script: { reply: answers[0] } });
    const { clock, gateway } = setup;
    await using demo = await open(gateway.url);
    const { page, panel } = demo;
    await attach(page, { [sample]: 4000 });
    await send(page, 'What is this about?');
    await panel.getByText('Reading the prompt').waitFor();
    await clock.advance(20_000);
    await page.getByText('finished').waitFor();
    await attach(page, { 'docs/protocol.md': 3400, 'docs/architecture.md': 1600, 'docs/glossary.md': 1100 });
    await send(page, 'What do these say about waiting?');
    await panel.getByText('Reading the prompt').waitFor();
    await clock.advance(1900);
    await panel.getByText('architecture.md, 2 of 3').waitFor();
    await picture(page, 'reading');
    await page.getByRole('button', { name: 'Stop' }).click();
    while ((await page.getByText('stopped by you').count()) === 0) await clock.advance(50);
    await page.getByRole('button', { name: /^Prompt: [\d,]+ of/ }).waitFor();
    await picture(page, 'stopped');
  },
};

export const estimated: Scene = {
  title: 'Reading',
  pictures: { estimated: 'A slow server elsewhere tells nothing, so the progress is an estimate, and says so.' },
  async play({ open, picture }) {
    const script: UpstreamScript = {
      dialect: 'openai',
      models: [{ id: 'qwen3-8b' }],
      contextSize: 32_768,
      prefill: { msPerToken: 0.4 },
    };
    await using upstream = await startUpstream(script, { ownProcess: false });
    await using engine = await createEngine({
      backend: remote({ modelId: 'qwen3-8b', upstreams: [{ url: `${upstream.url}/v1` }], contextSize: 32_768 }),
    });
    await using gateway = await startGateway({ engine, port: 0, page: demoPage });
    await using demo = await open(gateway.url);
    const { page, panel } = demo;
    await attach(page, { [sample]: 800 });
    await send(page, 'What is this about?');
    await page.getByText('finished').waitFor();
    await attach(page, { 'docs/protocol.md': 5000 });
    await send(page, 'And this?');
    await panel.getByText(/^about [\d,]+ of [\d,]+ tokens$/).waitFor();
    await page.waitForFunction(() => {
      const bar = document.querySelector('.prefill [aria-valuenow]');
      return Number(bar?.getAttribute('aria-valuenow')) > 0.4 * Number(bar?.getAttribute('aria-valuemax'));
    });
    await picture(page, 'estimated');
  },
};
