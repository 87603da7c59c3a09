import type { Page } from 'playwright-core';

/** What the page showed at one moment, as read from its elements. */
export interface Glimpse {
  /** Of the progress bar; null while there is none. */
  bar: { now: number; max: number; text: string } | null;
  /** Characters of the answer. */
  written: number;
  /** Where the message above the answer stood, in pixels: whether the page jumped. */
  top: number;
}

declare global {
  interface Window {
    glimpses: Glimpse[];
  }
}

/** From now on the page keeps a glimpse of each change of its last answer, in order. */
export async function watchAnswer(page: Page): Promise<void> {
  await page.evaluate(() => {
    window.glimpses = [];
    let before = '';
    const look = () => {
      const exchange = document.querySelector('.exchange:last-child');
      if (!exchange) return;
      const bar = exchange.querySelector('[role=progressbar][aria-valuenow]');
      const glimpse = {
        bar: bar && {
          now: Number(bar.getAttribute('aria-valuenow')),
          max: Number(bar.getAttribute('aria-valuemax')),
          text: bar.getAttribute('aria-valuetext') ?? '',
        },
        written: exchange.querySelector('.answer-text')?.textContent.length ?? 0,
        top: exchange.querySelector('.user-bubble')?.getBoundingClientRect().top ?? 0,
      };
      const now = JSON.stringify(glimpse);
      if (now !== before) window.glimpses.push(glimpse);
      before = now;
    };
    new MutationObserver(look).observe(document.body, {
      subtree: true,
      childList: true,
      attributes: true,
      characterData: true,
    });
  });
}

export function glimpses(page: Page): Promise<Glimpse[]> {
  return page.evaluate(() => window.glimpses);
}
