import { readFileSync } from 'node:fs';
import { run } from './run.mjs';

const { packageManager } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

/** Runs the pnpm that package.json names, on a machine that has only npm. */
export function pnpm(...args) {
  const { NODE_ENV: _, ...env } = process.env; // `production` would leave the build tools out
  return run('npx', ['--yes', packageManager, ...args], {
    env: { ...env, TURBO_TELEMETRY_DISABLED: '1', TURBO_GLOBAL_WARNING_DISABLED: '1' },
  });
}

/** Turbo finds pnpm on the PATH that pnpm gives it. */
export function turbo(...args) {
  return pnpm('--filter', '@headway/scripts', 'exec', 'turbo', '--cwd=..', 'run', ...args, '--output-logs=errors-only');
}
