import type { BrowserContext } from 'playwright-core';

export interface ConversationTimes {
  /** From the page's script having run to the whole list on the page, in ms. */
  listMs: number;
  /** From the first word in the search box to the results on the page, in ms. */
  searchMs: number;
  /** The same for a word that is added to it. */
  nextSearchMs: number;
  /** From a press on a chat to its messages on the page, in ms. */
  showMs: number;
  /** The longest task of the page while a message was written, in ms; 0 if none took 50 ms. */
  writingTaskMs: number;
}

declare global {
  interface Window {
    /** When the page first had as many rows as the browser has chats, in ms after the navigation. */
    listedAt: number;
    longest: number;
  }
}

/** Opens the demo with the conversations that its browser has, and measures what the user waits for. */
export async function measureConversations(
  context: BrowserContext,
  url: string,
  count: number,
): Promise<ConversationTimes> {
  const page = await context.newPage();
  await page.addInitScript((rows) => {
    const look = () => {
      if (document.querySelectorAll('.conversation').length < rows) return;
      window.listedAt = performance.now();
      watcher.disconnect();
    };
    const watcher = new MutationObserver(look);
    watcher.observe(document, { subtree: true, childList: true });
    window.longest = 0;
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) window.longest = Math.max(window.longest, duration);
    }).observe({ type: 'longtask' });
  }, count);
  await page.goto(url);
  await page.waitForFunction(() => window.listedAt);
  const listMs = await page.evaluate(() => {
    const [navigation] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
    return window.listedAt - (navigation?.domContentLoadedEventStart ?? 0);
  });

  const search = page.getByRole('searchbox', { name: 'Search the chats' });
  await search.focus();
  const timeTo = (text: string, rows: number) =>
    page.evaluate(
      async ([written, expected]) => {
        const box = document.querySelector<HTMLInputElement>('.search-box input');
        if (!box) throw new Error('no search box');
        const from = performance.now();
        box.setRangeText(written, 0, box.value.length, 'end');
        box.dispatchEvent(new Event('input', { bubbles: true }));
        await new Promise<void>((resolve) => {
          const look = () => {
            if (document.querySelectorAll('.conversation').length !== expected) return;
            watcher.disconnect();
            resolve();
          };
          const watcher = new MutationObserver(look);
          watcher.observe(document, { subtree: true, childList: true });
          look();
        });
        return performance.now() - from;
      },
      [text, rows] as const,
    );
  const searchMs = await timeTo('marker17 zurich', count > 170 ? 11 : 1);
  const nextSearchMs = await timeTo('marker17 zurich model nowhere', 0);
  await timeTo('', count);

  const showMs = await page.evaluate(async () => {
    const from = performance.now();
    document.querySelectorAll<HTMLElement>('.conversation-title')[1]?.click();
    await new Promise<void>((resolve) => {
      const watcher = new MutationObserver(() => {
        if (document.querySelectorAll('.exchange').length > 0) resolve();
      });
      watcher.observe(document, { subtree: true, childList: true });
    });
    return performance.now() - from;
  });
  await page.waitForLoadState('networkidle');
  await page.evaluate(() => (window.longest = 0));
  await page.getByRole('textbox', { name: 'Message' }).pressSequentially('a message', { delay: 20 });
  const writingTaskMs = await page.evaluate(() => window.longest);
  await page.close();
  return { listMs, searchMs, nextSearchMs, showMs, writingTaskMs };
}
