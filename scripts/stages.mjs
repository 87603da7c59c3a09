import { turbo } from './pnpm.mjs';
import { join } from 'node:path';
import { root, run, tool } from './run.mjs';

/** The stages without tests, cheapest first: a title and a function that returns whether the stage passed. */
export const staticStages = [
  ['format', () => tool('oxfmt', ['--check'])],
  ['lint', () => tool('oxlint', [])],
  ['types', () => tool('tsc', [])],
  ['arrows', () => run(process.execPath, [join(root, 'scripts', 'arrows.mjs')])],
  ['links', () => run(process.execPath, [join(root, 'scripts', 'check-links.mjs')])],
  ['build', () => turbo('build')],
  ['unused code', () => tool('knip', [])],
  ['packages', () => turbo('check:package')],
];

/**
 * Runs all stages, also after a failed one, so that one CI run reports every failure. Returns the titles of the failed
 * stages.
 */
export function runStages(stages) {
  return stages.flatMap(([title, stage]) => {
    console.log(`\n── ${title}`);
    const start = performance.now();
    const ok = stage();
    console.log(`${ok ? '✓' : '✗'} ${title} ${((performance.now() - start) / 1000).toFixed(1)} s`);
    return ok ? [] : [title];
  });
}
