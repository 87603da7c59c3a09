import { readFileSync } from 'node:fs';
import { run } from './run.mjs';

const { packageManager } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

/** Runs the pnpm version that package.json names. Needs only npm on the machine. */
export function pnpm(...args) {
  const { NODE_ENV: _, ...env } = process.env; // `production` would omit the build tools
  return run('npx', ['--yes', packageManager, ...args], {
    env: { ...env, TURBO_TELEMETRY_DISABLED: '1', TURBO_GLOBAL_WARNING_DISABLED: '1' },
  });
}

/** Runs a turbo task. Goes through `pnpm exec`, which puts pnpm on the PATH for turbo. */
export function turbo(...args) {
  return pnpm('--filter', '@headway/scripts', 'exec', 'turbo', '--cwd=..', 'run', ...args, '--output-logs=errors-only');
}
