import type { Page } from 'playwright-core';

/** The state of the page at one moment. */
export interface Glimpse {
  /** The progress bar's state; null without a bar. */
  bar: { now: number; max: number; text: string } | null;
  /** Characters of the answer. */
  written: number;
  /** Position of the message above the answer, in pixels, which shows whether the page jumped. */
  top: number;
}

declare global {
  interface Window {
    glimpses: Glimpse[];
  }
}

/** Records the state of the page at each change of its last answer, in order. */
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

/** The values that each bar has shown, in order: a generation after another one has a bar of its own. */
export async function barRuns(page: Page): Promise<number[][]> {
  const runs: number[][] = [];
  let running = false;
  for (const { bar } of await glimpses(page)) {
    if (bar && !running) runs.push([]);
    if (bar) runs.at(-1)?.push(bar.now);
    running = bar !== null;
  }
  return runs;
}
