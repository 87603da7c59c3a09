import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';

/** The output of `vite build`, which `startGateway({ page })` serves. */
export const demoPage = fileURLToPath(new URL('../../apps/demo/dist', import.meta.url));

export interface Demo extends AsyncDisposable {
  page: Page;
  /** The progress panel of the prompt. */
  panel: Locator;
  context: BrowserContext;
  /** The browser's complaints so far: errors, warnings, CSP violations, missing files. */
  complaints: string[];
}

interface DemoOptions {
  theme?: 'light' | 'dark';
  /** The width of a phone, with touch. */
  phone?: boolean;
}

/** Opens the demo in a new browser context, and collects the browser's complaints. */
export async function openDemo(
  browser: Browser,
  url: string,
  { theme = 'light', phone = false }: DemoOptions = {},
): Promise<Demo> {
  const context = await browser.newContext({
    colorScheme: theme,
    viewport: phone ? { width: 390, height: 800 } : { width: 1200, height: 800 },
    hasTouch: phone,
    isMobile: phone,
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('requestfailed', (request) => complaints.push(`${request.url()} failed: ${request.failure()?.errorText}`));
  page.on('response', (response) => {
    if (response.status() >= 400) complaints.push(`${response.url()}: HTTP ${response.status()}`);
  });
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (violation) => {
      reportError(new Error(`CSP: ${violation.violatedDirective} refused ${violation.blockedURI}`));
    });
  });
  await page.goto(url);
  await page
    .getByRole('button', { name: /(Ready|Loading|Locked)$/ })
    .waitFor({ timeout: 10_000 })
    .catch(() => {
      throw new Error(`the demo did not start: ${complaints.join('; ') || 'no complaint, but nothing shown either'}`);
    });
  const panel = page.getByRole('region', { name: 'Progress of the prompt' });
  return { page, panel, context, complaints, [Symbol.asyncDispose]: () => context.close() };
}

/** Pastes text through the clipboard. */
export async function paste(page: Page, text: string): Promise<void> {
  await page.evaluate((copied) => navigator.clipboard.writeText(copied), text);
  await page.getByRole('textbox', { name: 'Message' }).press('ControlOrMeta+V');
}

/** Types a message and sends it by the keyboard. */
export async function send(page: Page, text: string): Promise<void> {
  const box = page.getByRole('textbox', { name: 'Message' });
  await box.fill(text);
  await box.press('ControlOrMeta+Enter');
}
