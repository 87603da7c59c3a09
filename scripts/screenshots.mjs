// Takes the pictures of docs/screenshots/ of the built demo: npm run screenshots [-- beginning-of-a-name ...]
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from './run.mjs';
import './build.mjs';

const command = [
  join(root, 'tests/node_modules/tsx/dist/cli.mjs'),
  '--conditions=@headway/source',
  join(root, 'tests/browser/screenshots/take-screenshots.ts'),
];
process.exit(spawnSync(process.execPath, [...command, ...process.argv.slice(2)], { stdio: 'inherit' }).status ?? 1);
