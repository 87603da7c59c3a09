import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

import type axe from 'axe-core';
import type { Page } from 'playwright-core';

import { auditBeyondAxe } from './audit-beyond-axe.ts';

declare global {
  interface Window {
    axe?: typeof axe;
  }
}

/** The tags of axe-core's rules: WCAG 2.2 at the levels A and AA, and best practices. */
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa', 'best-practice'];

let source: Promise<string> | undefined;

/**
 * Lists a page's accessibility faults: what axe-core finds by the rules of WCAG 2.2 A and AA and its best practices, and
 * what it leaves out. The list is empty if there are none.
 */
export async function auditPage(page: Page): Promise<string[]> {
  if (!(await page.evaluate(() => window.axe !== undefined))) {
    source ??= readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
    await page.evaluate(await source);
  }
  await page.evaluate(() => {
    // What fades in has its own contrast only at the end.
    for (const animation of document.getAnimations()) {
      if (animation.effect?.getComputedTiming().endTime !== Infinity) animation.finish();
    }
  });
  const { violations, incomplete } = await runAxe(page);
  const findings = violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} (${help}) at ${target.join(' ')}: ${failureSummary}`),
  );
  const undecided = incomplete.filter(({ id }) => id === 'color-contrast').flatMap(({ nodes }) => nodes);
  const selectors = undecided.map(({ target }) => String(target[0]));
  return [...findings, ...(await auditBeyondAxe(page, selectors))];
}

function runAxe(page: Page): Promise<Pick<axe.AxeResults, 'violations' | 'incomplete'>> {
  return page.evaluate(async (values) => {
    if (!window.axe) throw new Error('axe-core is not loaded');
    const { violations, incomplete } = await window.axe.run({
      runOnly: values,
      rules: { 'target-size': { enabled: true } },
      resultTypes: ['violations', 'incomplete'],
    });
    return { violations, incomplete };
  }, tags);
}
