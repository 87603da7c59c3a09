import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** Runs a command and returns whether it succeeded. With `quiet`, prints its output only if it failed. */
export function run(command, args, { quiet = true, cwd = root, env = process.env } = {}) {
  const { status, error, stdout, stderr } = spawnSync(command, args, {
    cwd,
    env,
    stdio: quiet ? 'pipe' : 'inherit',
    encoding: 'utf8',
    maxBuffer: Infinity,
    shell: process.platform === 'win32', // on Windows npm's commands are .cmd files
  });
  if (status === 0) return true;
  process.stderr.write(`${stdout ?? ''}${stderr ?? ''}${error ?? ''}\n${[command, ...args].join(' ')} failed\n`);
  return false;
}

/** Runs a tool that scripts/package.json depends on. */
export function tool(name, args, options) {
  return run(join(root, 'scripts', 'node_modules', '.bin', name), args, options);
}
