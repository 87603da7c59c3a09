import { type Browser, chromium } from 'playwright-core';
import { findChrome } from './find-chrome.ts';

/** @param args additional flags of Chromium */
export async function launchBrowser(args: string[] = []): Promise<Browser> {
  const { executablePath, env } = await findChrome();
  return chromium.launch({ executablePath, env: { ...process.env, ...env }, chromiumSandbox: false, args });
}
