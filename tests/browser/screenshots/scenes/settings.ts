import { send } from '../../open-demo.ts';
import { startScriptedDemo } from '../../scripted-demo.ts';
import type { Scene } from '../stage.ts';

export const settings: Scene = {
  title: 'Settings and tools',
  pictures: {
    settings: 'The settings of a chat, with presets and the gateway’s defaults.',
    'tool-call': 'A tool’s call with its arguments, and boxes for its results.',
  },
  async play({ open, picture }) {
    const toolCalls = [
      { name: 'get_weather', arguments: '{"city":"Oslo"}' },
      { name: 'get_weather', arguments: '{"city":"Rome"}' },
    ];
    await using setup = await startScriptedDemo({
      script: ({ tools }) => ({ reply: '', ...(tools && { toolCalls }) }),
    });
    await using demo = await open(setup.gateway.url);
    const { page, panel } = demo;
    await page.getByRole('button', { name: 'Settings of the answer' }).click();
    const sheet = page.getByRole('dialog', { name: 'Settings of this chat' });
    await sheet.getByLabel('Temperature', { exact: true }).fill('0.25');
    await picture(page, 'settings');
    await sheet.getByRole('button', { name: 'Add an example' }).click();
    await page.keyboard.press('Escape');
    await send(page, 'Where is it warmer, in Oslo or in Rome?');
    await panel.getByText('Reading the prompt').waitFor();
    await setup.clock.advance(20_000);
    await page.getByLabel('Result of get_weather (1 of 2)').fill('{"sky":"snow"}');
    await picture(page, 'tool-call');
  },
};
