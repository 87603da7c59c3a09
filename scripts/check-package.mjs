import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run, tool } from './run.mjs';

// Turbo runs this script in the package's folder. It checks the tarball that npm would publish.
const folder = mkdtempSync(join(tmpdir(), 'headway-pack-'));
try {
  const packed = run('pnpm', ['pack', '--pack-destination', folder], { cwd: process.cwd() });
  const tarball = packed && join(folder, readdirSync(folder)[0]);
  // A package that is only a command has no types to resolve.
  const { exports } = JSON.parse(readFileSync('package.json', 'utf8'));
  const typed = () => exports === undefined || tool('attw', [tarball, '--profile', 'esm-only']);
  const ok = packed && tool('publint', [tarball, '--strict']) && typed();
  process.exitCode = ok ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true });
}
