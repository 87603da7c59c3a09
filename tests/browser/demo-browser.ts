import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import type { Browser } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';

import { launchBrowser } from './launch-browser.ts';

/** Folder of the screenshots. */
export const pictures = fileURLToPath(new URL('out/', import.meta.url));

/** The themes and screen sizes to test. */
export const looks = [
  { name: 'light', theme: 'light' },
  { name: 'dark', theme: 'dark' },
  { name: 'phone', theme: 'light', phone: true },
] as const;

/** Opens one browser before a file's tests, and closes it after them. */
export function useBrowser(take: (browser: Browser) => void): void {
  let browser: Browser | undefined;
  beforeAll(async () => {
    await mkdir(pictures, { recursive: true });
    browser = await launchBrowser();
    take(browser);
  });
  afterAll(() => browser?.close());
}
