import { rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { pnpm } from './pnpm.mjs';
import { root } from './run.mjs';

export function install() {
  console.log('installing…');
  if (!pnpm('install', '--frozen-lockfile')) process.exit(1);
  linkTools();
}

// The root depends on nothing, so that `npm install` there has nothing to resolve or to remove, whatever pnpm has put
// into node_modules. This link lets `npx vitest` and the like find the tools all the same.
function linkTools() {
  const link = join(root, 'node_modules', '.bin');
  rmSync(link, { recursive: true, force: true });
  symlinkSync(join('..', 'scripts', 'node_modules', '.bin'), link, 'junction');
}
