import { turbo } from './pnpm.mjs';
import { join } from 'node:path';
import { root, run, tool } from './run.mjs';

/** Cheapest first. Each is a title and what answers whether it went well. */
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
 * Runs every stage, also after one failed: a run on CI is dear, and one that names all failures saves the next.
 * Returns the titles of those that failed.
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
