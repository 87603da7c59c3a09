import { createClient } from '@headway/client';
import type { EngineOptions, ScriptedOptions } from '@headway/engine';
import { createApiKey } from '@headway/gateway';
import type { Page } from 'playwright-core';

import { startScriptedDemo, words, type ScriptedDemo } from '../scripted-demo.ts';

export interface SharedDemo extends ScriptedDemo {
  /** The key of the page. */
  key: string;
}

/** A scripted demo that works on prompts of so many tokens for somebody else, who has another key. */
export async function startSharedDemo(
  script: ScriptedOptions,
  options: Omit<EngineOptions, 'backend' | 'clock'>,
  prompts: readonly number[],
): Promise<SharedDemo> {
  const [key, otherKey] = [createApiKey(), createApiKey()];
  const setup = await startScriptedDemo(script, options, { apiKeys: [key, otherKey] });
  const other = createClient({ url: setup.gateway.url, apiKey: otherKey });
  for (const [at, count] of prompts.entries()) {
    const generation = other.generate({ prompt: `${at} ${words(count - 1)}` });
    // Each has its place before the next one comes.
    await generation[Symbol.asyncIterator]().next();
  }
  return {
    ...setup,
    key,
    async [Symbol.asyncDispose]() {
      await other.close();
      await setup[Symbol.asyncDispose]();
    },
  };
}

/** Gives the page its key. */
export async function useKey(page: Page, key: string): Promise<void> {
  await page.getByLabel('Key', { exact: true }).fill(key);
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: /Ready$/ }).waitFor();
}
