import { fileURLToPath } from 'node:url';

import { createEngine, scripted, type Engine } from '@headway/engine';
import { startGateway, type Gateway } from '@headway/gateway';
import type { Browser, Page } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';

import { auditPage } from './audit-page.ts';
import { looks, pictures, useBrowser } from './demo-browser.ts';
import { cases } from './markdown-page/cases.ts';
import type { Shown } from './markdown-page/page.tsx';
import { tour } from './markdown-page/tour.ts';

let browser: Browser;
let engine: Engine;
let gateway: Gateway;
let page: Page;
/** Where the page went, and what the browser complained about. */
let requests: string[] = [];
let complaints: string[] = [];
let attacks = 0;

useBrowser((opened) => (browser = opened));

beforeAll(async () => {
  const folder = `${pictures}/markdown-page`;
  // React as users get it.
  vi.stubEnv('NODE_ENV', 'production');
  await build({
    root: fileURLToPath(new URL('markdown-page', import.meta.url)),
    configFile: false,
    logLevel: 'error',
    resolve: { conditions: ['@headway/source', 'module', 'browser', 'production'] },
    build: { outDir: folder, emptyOutDir: true, assetsInlineLimit: 0 },
    worker: { format: 'es' },
  });
  vi.unstubAllEnvs();
  engine = await createEngine({ backend: scripted() });
  // The gateway's content security policy counts, too.
  gateway = await startGateway({ engine, port: 0, page: folder });
  page = await openPage();
});

afterAll(async () => {
  await gateway.close();
  await engine.close();
});

async function openPage(options: Parameters<Browser['newPage']>[0] = {}): Promise<Page> {
  const opened = await browser.newPage(options);
  opened.on('request', (request) => requests.push(request.url()));
  opened.on('pageerror', (error) => complaints.push(String(error)));
  opened.on('console', (message) => complaints.push(message.text()));
  opened.on('dialog', (dialog) => {
    attacks += 1;
    void dialog.dismiss();
  });
  await opened.exposeFunction('attacked', () => (attacks += 1));
  await opened.goto(gateway.url);
  await opened.waitForFunction('window.showText');
  return opened;
}

/** All that an answer may bring into the page. */
const harmless = new Set(
  [
    'a blockquote br button code div em figcaption figure h3 h4 h5 h6 hr input li ol p path pre rect s span strong svg table',
    'tbody td th thead tr ul annotation math menclose mfrac mi mn mo mover mpadded mroot mrow mspace msqrt mstyle msub',
    'msubsup msup mtable mtd mtext mtr munder munderover semantics',
  ]
    .join(' ')
    .split(' '),
);

test.each(cases)('$name', async ({ text, shows, never, holds }) => {
  requests = [];
  complaints = [];
  const call = [text, never ?? null, shows ?? null].map((value) => JSON.stringify(value)).join();
  const shown = await page.evaluate<Shown>(`showText(${call})`);
  expect(shown.same ? '' : shown).toBe('');
  if (shows) expect(shown.found).toBe(true);
  if (holds) expect(shown.html).toContain(holds);
  expect(shown.seen).toBe(null);

  expect(shown.tags.filter((tag) => !harmless.has(tag))).toEqual([]);
  expect(shown.handlers).toEqual([]);
  for (const { href, rel, target } of shown.links) {
    expect(href).toMatch(/^(https?|mailto):/);
    expect({ rel, target }).toEqual({ rel: 'noopener noreferrer', target: '_blank' });
  }
  expect(requests.filter((url) => new URL(url).origin !== new URL(gateway.url).origin)).toEqual([]);
  expect(complaints).toEqual([]);
  expect(attacks).toBe(0);
});

test.each(looks)('an answer with everything in it is readable ($name)', async ({ name, theme, ...look }) => {
  complaints = [];
  const phone = 'phone' in look;
  const viewport = phone ? { width: 390, height: 1000 } : { width: 900, height: 1000 };
  const own = await openPage({ colorScheme: theme, viewport, hasTouch: phone, isMobile: phone });
  await own.evaluate(`keepText(${JSON.stringify(tour)}, false)`);
  await own.locator('.code-keyword').first().waitFor();
  await own.locator('math').first().waitFor();
  await own.screenshot({ path: `${pictures}/markdown-${name}.png`, fullPage: true });
  expect(await auditPage(own)).toEqual([]);
  expect(complaints).toEqual([]);
  await own.close();
});

test('what the user has selected stays selected while the answer grows', async () => {
  const text = 'The first paragraph.\n\nAnd **one** that grows ';
  const own = await openPage();
  const selected = await own.evaluate(`(async () => {
    const show = growText();
    const select = (text, start, end) => getSelection().setBaseAndExtent(text, start, text, end);
    const selected = [];
    show(${JSON.stringify(text)});
    const element = document.querySelector('#streamed p:last-child');
    select(element.lastChild, 1, 5);
    for (const more of ['and', 'and *gr', 'and *grows*', 'and *grows* on', 'and *grows* on\\n\\n- a list']) {
      show(${JSON.stringify(text)} + more);
      selected.push(String(getSelection()));
    }
    return selected;
  })()`);
  expect(selected).toEqual(Array.from({ length: 5 }, () => 'that'));
  await own.close();
});
