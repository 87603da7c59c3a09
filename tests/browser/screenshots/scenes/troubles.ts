import { createEngine, createIsolatedEngine, createVirtualClock, scripted } from '@headway/engine';
import { createApiKey, startGateway } from '@headway/gateway';

import { startCutProxy } from '../../../system/cut-proxy.ts';
import { demoPage, send } from '../../open-demo.ts';
import { startScriptedDemo } from '../../scripted-demo.ts';
import type { Scene } from '../stage.ts';
import { attach, longAnswer, sample } from '../texts.ts';

const question = 'What does it say about waiting?';

export const stall: Scene = {
  title: 'Troubles',
  pictures: { stall: 'Nothing has come for four seconds, and the page says so.' },
  async play({ open, picture }) {
    const fault = { phase: 'prefill', afterTokens: 3000, does: 'stall' } as const;
    await using setup = await startScriptedDemo({ script: { fault } });
    await using demo = await open(setup.gateway.url);
    const { page, panel } = demo;
    await attach(page, { [sample]: 2000, 'docs/protocol.md': 3000 });
    await page.clock.install();
    await send(page, question);
    await panel.getByText('Reading the prompt').waitFor();
    await setup.clock.advance(4000);
    await panel.getByText('2,000 tokens/s').waitFor();
    await page.clock.fastForward(4000);
    await panel.getByText(/^No progress for [45] s$/).waitFor();
    await picture(page, 'stall');
  },
};

export const cut: Scene = {
  title: 'Troubles',
  pictures: {
    'connection-lost': 'The connection is lost while the prompt is read.',
    reconnecting: 'The connection is lost while the answer is written.',
  },
  async play({ open, picture }) {
    await using setup = await startScriptedDemo({ script: { reply: longAnswer, decodeTokensPerSecond: 40 } });
    await using proxy = await startCutProxy(setup.gateway.url);
    await using demo = await open(proxy.url);
    const { page, panel } = demo;
    await attach(page, { [sample]: 2000, 'docs/protocol.md': 3000 });
    await send(page, question);
    await panel.getByText('Reading the prompt').waitFor();
    await setup.clock.advance(1500);
    await panel.getByText('2,000 tokens/s').waitFor();
    proxy.goDown();
    await panel.getByText('Reconnecting to the gateway').waitFor();
    await page.getByRole('button', { name: /Reconnecting$/ }).waitFor();
    await picture(page, 'connection-lost');
    proxy.goUp();
    await panel.getByText('Reading the prompt').waitFor();
    await setup.clock.advance(3000);
    await page.getByText('Writing', { exact: true }).waitFor();
    await page.getByText('What they say about waiting', { exact: true }).waitFor();
    proxy.goDown();
    await page.getByText('the answer goes on there').waitFor();
    await page.getByRole('button', { name: /Reconnecting$/ }).waitFor();
    await picture(page, 'reconnecting');
  },
};

export const crash: Scene = {
  title: 'Troubles',
  pictures: { crash: 'The engine’s process was killed in the middle of the prompt; the gateway starts another one.' },
  async play({ open, picture }) {
    let pid = 0;
    await using engine = await createIsolatedEngine({
      backend: { module: new URL('../../slow-reader.fixture.ts', import.meta.url).href },
      execArgv: ['--import', import.meta.resolve('tsx'), '--conditions=@headway/source'],
      onProcess: (news) => {
        if (news.type === 'started') pid = news.pid ?? 0;
      },
    });
    await using gateway = await startGateway({ engine, port: 0, page: demoPage });
    await using demo = await open(gateway.url);
    const { page, panel } = demo;
    await attach(page, { [sample]: 2000, 'docs/protocol.md': 3000 });
    await send(page, question);
    await panel.getByText(/^1,\d+ read now$/).waitFor();
    process.kill(pid, 'SIGKILL');
    const problem = page.getByRole('group', { name: 'Problem' });
    await problem.getByRole('button', { name: 'Try again' }).waitFor();
    await picture(page, 'crash');
  },
};

export const gone: Scene = {
  title: 'Troubles',
  pictures: {
    'gateway-gone': 'The gateway is gone in the middle of an answer; the page keeps the text and keeps trying.',
    'gateway-back': 'The gateway is back, and has lost the answer.',
  },
  async play({ open, picture }) {
    const setup = await startScriptedDemo({ script: { reply: longAnswer, decodeTokensPerSecond: 40 } });
    await using proxy = await startCutProxy(setup.gateway.url);
    await using demo = await open(proxy.url);
    const { page, panel } = demo;
    await send(page, question);
    await panel.getByText('Reading the prompt').waitFor();
    await setup.clock.advance(1500);
    await page.getByText('What they say about waiting', { exact: true }).waitFor();
    proxy.goDown();
    await setup[Symbol.asyncDispose]();
    await page.getByRole('button', { name: /Not connected$/ }).waitFor();
    await picture(page, 'gateway-gone');
    const clock = createVirtualClock();
    await using engine = await createEngine({ backend: scripted({ clock }), clock });
    const port = Number(new URL(setup.gateway.url).port);
    await using _restarted = await startGateway({ engine, port, page: demoPage });
    proxy.goUp();
    await page.getByRole('heading', { name: 'The gateway no longer has this answer' }).waitFor();
    await page.getByRole('button', { name: /Ready$/ }).waitFor();
    await page.getByRole('button', { name: /^Prompt: [\d,]+ of/ }).waitFor();
    await picture(page, 'gateway-back');
  },
};

export const errors: Scene = {
  title: 'Troubles',
  pictures: {
    'error-amber': 'Amber for what the user can mend: a prompt that is too long for the model.',
    'error-red': 'Red for a failure.',
  },
  async play({ open, picture }) {
    const fault = { phase: 'decode', afterTokens: 12, does: 'fail' } as const;
    await using setup = await startScriptedDemo({ script: { reply: longAnswer, fault } });
    await using demo = await open(setup.gateway.url);
    const { page, panel } = demo;
    await send(page, question);
    await panel.getByText('Reading the prompt').waitFor();
    await setup.clock.advance(5000);
    await page.getByRole('heading', { name: 'Something went wrong inside the gateway' }).waitFor();
    await picture(page, 'error-red');
    await page.getByRole('button', { name: 'New chat' }).click();
    await page.getByText('Watch the model read').waitFor();
    await attach(page, { [sample]: 40_000 });
    // Before the forecast is there to refuse it.
    await send(page, question);
    await page.getByRole('heading', { name: 'Too long for this model' }).waitFor();
    await picture(page, 'error-amber');
  },
};

export const key: Scene = {
  title: 'Troubles',
  pictures: { key: 'A gateway with keys asks for one, and says that it does not know the last one.' },
  async play({ open, picture }) {
    await using setup = await startScriptedDemo({}, {}, { apiKeys: [createApiKey()] });
    await using demo = await open(setup.gateway.url);
    const { page } = demo;
    await page.getByLabel('Key', { exact: true }).fill('hw-a-wrong-one');
    await page.getByRole('button', { name: 'Use it' }).click();
    await page.getByText('The gateway does not know this key').waitFor();
    await picture(page, 'key');
  },
};
