import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tool } from './run.mjs';

/** Runs one project of vitest.config.ts and adds its test counts to `totals`. */
export function runProject(project, totals, env = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'headway-test-'));
  const report = join(folder, 'report.json');
  try {
    const args = [
      'run',
      `--project=${project}`,
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
    ];
    const ok = tool('vitest', args, { quiet: false, env: { ...process.env, NODE_ENV: 'test', ...env } });
    if (existsSync(report)) count(JSON.parse(readFileSync(report, 'utf8')), totals);
    return ok;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function count(report, totals) {
  totals.passed += report.numPassedTests;
  totals.failed += report.numFailedTests;
  totals.skipped += report.numPendingTests + report.numTodoTests;
  // A test file that fails to load reports no tests; count it as one failure.
  totals.failed += report.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  ).length;
}

/** Prints the last line, the totals, and sets the exit code. */
export function close(failedStages, { passed, failed, skipped }) {
  if (failedStages.length > 0) console.log(`\nfailed: ${failedStages.join(', ')}`);
  if (passed + failed === 0) console.log('\nno test ran');
  console.log(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
  process.exitCode = failedStages.length > 0 || failed > 0 || passed === 0 ? 1 : 0;
}
