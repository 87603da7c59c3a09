import { createEngine, scripted } from '@headway/engine';
import { startGateway } from '@headway/gateway';
import type { Page } from 'playwright-core';

import { launchBrowser } from '../launch-browser.ts';
import { demoPage, send } from '../open-demo.ts';
import { traceTasks } from './trace-tasks.ts';

/** Times in milliseconds, of the page from the first render of the answer on. */
export interface Measured {
  characters: number;
  medianFrame: number;
  frame95: number;
  tasksOver50: number;
  tasksOver100: number;
  longestTask: number;
  /** The most processor time of a task, which other work on the machine does not lengthen. */
  longestProcessorTime: number;
}

declare global {
  interface Window {
    frameTimes: number[];
    longTasks: number[];
  }
}

/** Lets a scripted model write an answer into the built demo. `rate` is in tokens per second. */
export async function measureAnswer(reply: string, rate: number): Promise<Measured> {
  const engine = await createEngine({ backend: scripted({ script: { reply, decodeTokensPerSecond: rate } }) });
  const gateway = await startGateway({ engine, port: 0, page: demoPage });
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage({ viewport: { width: 1200, height: 800 } });
    await page.goto(gateway.url);
    await page.getByRole('button', { name: /Ready$/ }).waitFor();
    await watchFrames(page);
    const tasks = await traceTasks(browser);
    await send(page, 'Write');
    await page.locator('.answer[data-state=done]').waitFor({ timeout: 600_000 });
    // The last colours of code come after the end, and count.
    await page.waitForTimeout(1000);
    return await summarise(page, await tasks.stop());
  } finally {
    await browser.close();
    await gateway.close();
    await engine.close();
  }
}

async function watchFrames(page: Page): Promise<void> {
  // tsx names functions by a helper that the page does not have.
  await page.evaluate('globalThis.__name = (named) => named');
  await page.evaluate(() => {
    window.frameTimes = [];
    window.longTasks = [];
    let before = 0;
    const frame = (now: number) => {
      if (document.querySelector('.markdown')) {
        if (before > 0) window.frameTimes.push(now - before);
        before = now;
      }
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
    new PerformanceObserver((list) => {
      if (window.frameTimes.length > 0) window.longTasks.push(...list.getEntries().map(({ duration }) => duration));
    }).observe({ type: 'longtask' });
  });
}

async function summarise(page: Page, processorMs: number[]): Promise<Measured> {
  const { characters, frames, tasks } = await page.evaluate(() => ({
    characters: document.querySelector('.answer-text')?.textContent.length ?? 0,
    frames: window.frameTimes.toSorted((a, b) => a - b),
    tasks: window.longTasks,
  }));
  const frameAt = (share: number) => Math.round((frames[Math.floor(share * (frames.length - 1))] ?? 0) * 10) / 10;
  return {
    characters,
    medianFrame: frameAt(0.5),
    frame95: frameAt(0.95),
    tasksOver50: tasks.filter((ms) => ms > 50).length,
    tasksOver100: tasks.filter((ms) => ms > 100).length,
    longestTask: Math.round(Math.max(0, ...tasks)),
    longestProcessorTime: Math.round(Math.max(0, ...processorMs)),
  };
}
