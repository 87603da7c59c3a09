import type { BrowserContext, CDPSession, Page } from 'playwright-core';

/** A network that Chromium emulates. */
export interface Network {
  /** Bits per second in each direction. */
  rate: number;
  /** From a request to the first byte of its response, in ms. */
  latencyMs: number;
}

/** A weak mobile connection. */
export const slow: Network = { rate: 400_000, latencyMs: 400 };

export interface LoadedFile {
  path: string;
  /** Chromium's word: Document, Script, Stylesheet, Font and others. */
  kind: string;
  /** Over the wire, with the headers of the response. */
  bytes: number;
  encoding: string | null;
}

export interface PageLoad {
  /** What the browser asked for, from the first request until it asked for nothing more. */
  files: LoadedFile[];
  /** The first paint of text or of a picture, in ms after the navigation. */
  firstContentMs: number;
  /** When the page answered to its user, in ms after the navigation. */
  usableMs: number;
  /** The sum of all layout shifts, 0 for none. Below 0.1 is good by the Web Vitals. */
  layoutShift: number;
}

/** Loads the demo, and measures what the browser loads and when it shows something. */
export async function measurePageLoad(context: BrowserContext, url: string, network?: Network): Promise<PageLoad> {
  const page = await context.newPage();
  try {
    const session = await context.newCDPSession(page);
    const files = await recordFiles(session);
    if (network) await slowDown(session, network);
    await observePage(page);
    await page.goto(url, { waitUntil: 'commit' });
    const usable = await page.waitForFunction(() => isUsable() && performance.now());
    const usableMs = Number(await usable.jsonValue());
    await page.waitForLoadState('networkidle');
    const firstContentMs = await page.evaluate(
      () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Infinity,
    );
    const layoutShift = await page.evaluate(() => window.layoutShift ?? NaN);
    return {
      files: files.map((file) => ({ ...file, path: new URL(file.path).pathname })),
      firstContentMs,
      usableMs,
      layoutShift,
    };
  } finally {
    await page.close();
  }
}

export function bytesOf({ files }: PageLoad, kind?: string): number {
  return files.reduce((sum, file) => (kind === undefined || file.kind === kind ? sum + file.bytes : sum), 0);
}

export async function slowDown(session: CDPSession, { rate, latencyMs }: Network): Promise<void> {
  const throughput = rate / 8;
  await session.send('Network.enable');
  await session.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: latencyMs,
    downloadThroughput: throughput,
    uploadThroughput: throughput,
  });
}

/** The files, each as soon as it is whole. The browser's own cache loads nothing, so it is left out. */
async function recordFiles(session: CDPSession): Promise<LoadedFile[]> {
  const files: LoadedFile[] = [];
  const begun = new Map<string, Omit<LoadedFile, 'bytes'>>();
  session.on('Network.responseReceived', ({ requestId, type, response }) => {
    if (response.fromDiskCache || response.fromPrefetchCache) return;
    const encoding = Object.entries(response.headers).find(([name]) => name.toLowerCase() === 'content-encoding');
    begun.set(requestId, { path: response.url, kind: type, encoding: encoding?.[1] ?? null });
  });
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    const file = begun.get(requestId);
    if (file) files.push({ ...file, bytes: encodedDataLength });
  });
  await session.send('Network.enable');
  return files;
}

declare global {
  interface Window {
    layoutShift?: number;
  }
  /** Whether the page's script shows its own content in place of the prerendered one. */
  function isUsable(): boolean;
}

/** Adds `isUsable()` and `layoutShift` to the next document. */
export async function observePage(page: Page): Promise<void> {
  await page.addInitScript(() => {
    window.isUsable = () => !document.querySelector('#first-content') && document.querySelector('textarea') !== null;
    window.layoutShift = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        const { value, hadRecentInput } = entry as PerformanceEntry & { value: number; hadRecentInput: boolean };
        if (!hadRecentInput) window.layoutShift = (window.layoutShift ?? 0) + value;
      }
    }).observe({ type: 'layout-shift', buffered: true });
  });
}
