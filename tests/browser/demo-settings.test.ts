import { join } from 'node:path';

import type { GenerateInput } from '@headway/protocol';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { auditPage } from './audit-page.ts';
import { looks, pictures, useBrowser } from './demo-browser.ts';
import { openDemo, send } from './open-demo.ts';
import { startScriptedDemo, type ScriptedDemo } from './scripted-demo.ts';

let browser: Browser;
useBrowser((opened) => (browser = opened));

const rating = '{"rating":5,"reason":"It {works}."}';
const calls = [
  { name: 'get_weather', arguments: '{"city":"Oslo"}' },
  { name: 'get_weather', arguments: '{"city":"Rome"}' },
];

let setup: ScriptedDemo;
const requests: GenerateInput[] = [];
beforeAll(async () => {
  setup = await startScriptedDemo({
    script: ({ messages = [], tools, responseFormat }) => ({
      reply: responseFormat ? rating : messages.at(-1)?.role === 'tool' ? 'Snow there, sun here.' : 'Yes.',
      toolCalls: tools && messages.at(-1)?.role === 'user' ? calls : [],
    }),
  });
  const generate = setup.engine.generate.bind(setup.engine);
  setup.engine.generate = (request, ...rest) => {
    requests.push(request);
    return generate(request, ...rest);
  };
});
afterAll(() => setup?.[Symbol.asyncDispose]());

const sheet = (page: Page) => page.getByRole('dialog', { name: 'Settings of this chat' });
const openSettings = (page: Page) => page.getByRole('button', { name: 'Settings of the answer' }).click();

/** Sends a message and waits for the end of its answer. Resolves with the request that the engine got. */
async function ask(page: Page, text: string): Promise<GenerateInput> {
  const before = requests.length;
  await send(page, text);
  return answered(page, before);
}

async function answered(page: Page, before: number): Promise<GenerateInput> {
  await expect.poll(() => requests.length).toBe(before + 1);
  await page.getByText('Reading the prompt').first().waitFor();
  await setup.clock.advance(60_000);
  await page.getByRole('button', { name: 'Send', exact: true }).waitFor();
  const request = requests.at(-1);
  if (!request) throw new Error('the engine got no request');
  return request;
}

/** Presses Tab until the field with this label has the focus. */
async function tabTo(page: Page, label: string): Promise<void> {
  const field = sheet(page).getByLabel(label, { exact: true });
  for (let presses = 0; presses < 60; presses++) {
    if (await field.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab does not reach ${label}`);
}

test('by the keyboard alone, a system prompt and a temperature are set and sent; a preset outlives the page', async () => {
  await using demo = await openDemo(browser, setup.gateway.url);
  const { page, complaints } = demo;
  await page.getByRole('button', { name: 'Settings of the answer' }).focus();
  await page.keyboard.press('Enter');
  await tabTo(page, 'What the model should know or be');
  await page.keyboard.type('Be brief.');
  await tabTo(page, 'Temperature');
  await page.keyboard.type('101');
  await sheet(page).getByText('Temperature must be at most 100.').waitFor();
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.type('0,25');
  await expect.poll(() => sheet(page).getByText('must be at most').count()).toBe(0);
  await page.keyboard.press('Escape');
  await sheet(page).waitFor({ state: 'detached' });
  expect(await page.evaluate(() => document.activeElement?.ariaLabel)).toBe('Settings of the answer');
  const system = { role: 'system', content: 'Be brief.' };
  const user = { role: 'user', content: 'Hello' };
  const first = await ask(page, 'Hello');
  expect(first).toMatchObject({ messages: [system, user], temperature: 0.25, topP: 0.95 });

  await openSettings(page);
  await sheet(page).getByLabel('Save all settings as a preset').fill('Brief');
  await page.keyboard.press('Enter');
  await sheet(page).getByRole('button', { name: 'Brief', exact: true, pressed: true }).waitFor();
  await page.getByRole('button', { name: 'Done' }).click();
  await page.getByRole('button', { name: 'New chat' }).click();
  await page.reload();
  await openSettings(page);
  expect(await sheet(page).getByLabel('Temperature', { exact: true }).inputValue()).toBe('');
  await sheet(page).getByRole('button', { name: 'Brief', exact: true }).click();
  await sheet(page).getByRole('button', { name: 'Begin new chats with these' }).click();
  await page.keyboard.press('Escape');
  expect(await ask(page, 'Hello')).toMatchObject({ messages: [system, user], temperature: 0.25 });

  // Another tab has the preset and the model's defaults, too.
  const other = await demo.context.newPage();
  await other.goto(setup.gateway.url);
  await other.getByRole('button', { name: /Ready$/ }).waitFor();
  await openSettings(other);
  await expect.poll(() => sheet(other).getByLabel('Temperature', { exact: true }).inputValue()).toBe('0.25');
  await sheet(other).getByRole('button', { name: 'Delete Brief' }).click();
  await openSettings(page);
  await expect.poll(() => sheet(page).getByRole('button', { name: 'Brief' }).count()).toBe(0);
  expect(complaints).toEqual([]);
});

test('an answer by a schema is shown as JSON, and the gateway’s refusal of a schema at its field', async () => {
  await using demo = await openDemo(browser, setup.gateway.url);
  const { page } = demo;
  await openSettings(page);
  const field = sheet(page).getByLabel('JSON schema of the answer');
  await field.fill('{"type": "array", "minItems": 2, "maxItems": 1}');
  await sheet(page).getByText('The schema: its minItems 2 is over its maxItems 1; no value fits it.').waitFor();
  await sheet(page).getByRole('button', { name: 'A rating' }).click();
  await expect.poll(() => sheet(page).locator('.sheet-fault').count()).toBe(0);
  await page.keyboard.press('Escape');
  const { responseFormat } = await ask(page, 'How is it?');
  expect(responseFormat).toMatchObject({ type: 'json', schema: { required: ['rating', 'reason'] } });
  await expect
    .poll(() => page.locator('.answer .code pre').allTextContents())
    .toEqual([JSON.stringify(JSON.parse(rating), null, 2)]);
});

test('a tool’s calls are shown, and the pasted results go on with the chat', async () => {
  await using demo = await openDemo(browser, setup.gateway.url);
  const { page, complaints } = demo;
  await openSettings(page);
  await sheet(page).getByRole('button', { name: 'Add an example' }).click();
  await page.keyboard.press('Escape');
  const { tools } = await ask(page, 'Weather?');
  expect(tools).toMatchObject([{ name: 'get_weather', parameters: { required: ['city'] } }]);
  await expect
    .poll(() => page.getByRole('group', { name: 'Call of get_weather' }).locator('pre').allTextContents())
    .toEqual(['{\n  "city": "Oslo"\n}', '{\n  "city": "Rome"\n}']);
  await page.getByLabel('Result of get_weather (1 of 2)').fill('{"sky":"snow"}');
  await page.getByRole('button', { name: 'Send the results' }).click();
  await page.getByText('“get_weather” has no result yet.').waitFor();
  await page.screenshot({ path: join(pictures, 'tool-call-light.png'), animations: 'disabled' });
  expect(await auditPage(page)).toEqual([]);
  await page.getByLabel('Result of get_weather (2 of 2)').fill('Sun');
  const before = requests.length;
  await page.getByRole('button', { name: 'Send the results' }).click();
  const { messages } = await answered(page, before);
  const ids = messages?.[1]?.role === 'assistant' ? (messages[1].toolCalls ?? []).map(({ id }) => id) : [];
  expect(messages).toMatchObject([
    { role: 'user', content: 'Weather?' },
    { role: 'assistant', toolCalls: calls },
    { role: 'tool', toolCallId: ids[0], content: '{"sky":"snow"}' },
    { role: 'tool', toolCallId: ids[1], content: 'Sun' },
  ]);
  await page.getByText('Snow there, sun here.', { exact: true }).waitFor();
  await page.screenshot({ path: join(pictures, 'tool-results-light.png'), animations: 'disabled' });
  expect(await auditPage(page)).toEqual([]);

  await page.reload();
  await page.getByText('Snow there, sun here.', { exact: true }).waitFor();
  expect(await page.getByRole('button', { name: 'Send the results' }).count()).toBe(0);
  expect((await ask(page, 'Thanks')).messages?.map(({ role }) => role)).toEqual([
    'user',
    'assistant',
    'tool',
    'tool',
    'assistant',
    'user',
  ]);
  expect(complaints).toEqual([]);
});

test.each(looks)('the settings are named, readable and in reach ($name)', async ({ name, ...look }) => {
  await using demo = await openDemo(browser, setup.gateway.url, look);
  const { page, complaints } = demo;
  const picture = (state: string) =>
    page.screenshot({ path: join(pictures, `${state}-${name}.png`), animations: 'disabled' });
  await openSettings(page);
  await sheet(page).getByLabel('Save all settings as a preset').fill('Poet');
  await page.keyboard.press('Enter');
  await sheet(page).getByRole('button', { name: 'Poet', exact: true }).waitFor();
  await picture('settings-sheet');
  await sheet(page).getByLabel('Top P').fill('2');
  await sheet(page).getByRole('button', { name: 'Add an example' }).click();
  await sheet(page).getByText('1 field needs a change').waitFor();
  await sheet(page).getByRole('button', { name: 'Rename Poet' }).click();
  await sheet(page).getByLabel('Top P').scrollIntoViewIfNeeded();
  await picture('settings-fault');
  expect(await auditPage(page)).toEqual([]);
  expect(complaints).toEqual([]);
});
