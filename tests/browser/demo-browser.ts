import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import type { Browser } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';

import { launchBrowser } from './launch-browser.ts';

/** Where pictures of the page's states go. */
export const pictures = fileURLToPath(new URL('out/', import.meta.url));

/** How the page may look. */
export const looks = [
  { name: 'light', theme: 'light' },
  { name: 'dark', theme: 'dark' },
  { name: 'phone', theme: 'light', phone: true },
] as const;

/** Hands out one browser before a file's tests, and closes it behind them. */
export function useBrowser(take: (browser: Browser) => void): void {
  let browser: Browser | undefined;
  beforeAll(async () => {
    await mkdir(pictures, { recursive: true });
    browser = await launchBrowser();
    take(browser);
  });
  afterAll(() => browser?.close());
}
