import { type Browser, chromium } from 'playwright-core';
import { findChrome } from './find-chrome.ts';

export async function launchBrowser(): Promise<Browser> {
  const { executablePath, env } = await findChrome();
  return chromium.launch({ executablePath, env: { ...process.env, ...env }, chromiumSandbox: false });
}
