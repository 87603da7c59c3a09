import { rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { pnpm } from './pnpm.mjs';
import { root } from './run.mjs';

export function install() {
  console.log('installing…');
  if (!pnpm('install', '--frozen-lockfile')) process.exit(1);
  linkTools();
}

// The root package has no dependencies, so `npm install` there resolves nothing and removes nothing that pnpm put into
// node_modules. This link lets `npx vitest` and other commands find the tools in scripts/node_modules.
function linkTools() {
  const link = join(root, 'node_modules', '.bin');
  rmSync(link, { recursive: true, force: true });
  symlinkSync(join('..', 'scripts', 'node_modules', '.bin'), link, 'junction');
}
