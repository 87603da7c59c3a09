import { createEngine, llama } from '@headway/engine';
import { startGateway } from '@headway/gateway';
import { storytellerPath } from '@headway/storyteller';

import { demoPage } from '../../open-demo.ts';
import { startScriptedDemo } from '../../scripted-demo.ts';
import type { Scene } from '../stage.ts';
import { attach, sample } from '../texts.ts';

export const emptyPage: Scene = {
  title: 'Before sending',
  pictures: {
    empty: 'An empty chat with the model that comes with Headway.',
    model: 'The model’s facts, and how to start with another one.',
  },
  async play({ open, picture }) {
    await using engine = await createEngine({ backend: llama({ model: storytellerPath }) });
    await using gateway = await startGateway({ engine, port: 0, page: demoPage });
    await using demo = await open(gateway.url);
    const { page } = demo;
    await page.getByRole('button', { name: /Ready$/ }).waitFor();
    await page.getByText('a tiny demo model').waitFor();
    await picture(page, 'empty');
    await page.getByRole('button', { name: /Ready$/ }).click();
    await page.getByText('Parallel answers').waitFor();
    await picture(page, 'model');
  },
};

export const documents: Scene = {
  title: 'Before sending',
  pictures: {
    documents: 'Attached documents with their tokens, and a meter of the whole prompt.',
    meter: 'What the meter knows: tokens, cached part, room for the answer, reading time.',
    preview: 'A document as the model gets it.',
    overflow: 'A prompt that is too long is told before it is sent, with by how much and what to do.',
  },
  async play({ open, picture }) {
    await using setup = await startScriptedDemo({}, { contextSize: 8192 });
    await using demo = await open(setup.gateway.url);
    const { page } = demo;
    await attach(page, { [sample]: 2000, 'docs/glossary.md': 1200, 'docs/protocol.md': 1800 });
    await page.getByRole('textbox', { name: 'Message' }).fill('What do they say about waiting?');
    const meter = page.getByRole('button', { name: /^Prompt: 5,0\d\d of 8,192 tokens of context/ });
    await meter.waitFor();
    await page.getByRole('button', { name: /^Preview glossary\.md, (about )?1,200 tokens/ }).waitFor();
    await picture(page, 'documents');
    await meter.click();
    await page.getByText('Room for the answer').waitFor();
    await picture(page, 'meter');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: /^Preview glossary/ }).click();
    await page.getByRole('dialog', { name: 'glossary.md' }).waitFor();
    await picture(page, 'preview');
    await page.keyboard.press('Escape');
    await attach(page, { 'docs/architecture.md': 4000 });
    await page.getByRole('status').filter({ hasText: 'tokens more than' }).waitFor();
    await picture(page, 'overflow');
  },
};
