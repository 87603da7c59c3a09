import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from './run.mjs';
import './build.mjs';

const [name, ...args] = process.argv.slice(2);
const file = (bench) => fileURLToPath(new URL(`../bench/dist/${bench}.js`, import.meta.url));
/** These need a browser, which is the tests'; the others are built. */
const inBrowser = {
  'page-load': 'page-load/print-page-load.ts',
  'long-answers': 'long-answers/print-long-answers.ts',
  conversations: 'conversations/print-conversations.ts',
};
const benches = [
  'peers',
  'layers',
  'engine',
  'interference',
  'disconnect',
  'estimate',
  'remote-estimate',
  'isolation',
  'loop',
  'texts',
  'speculation',
  'gateway',
  'hop',
  'endurance',
  'model',
  'llama-server',
  ...Object.keys(inBrowser),
];
if (!benches.includes(name)) {
  console.error(`usage: npm run bench -- ${benches.join(' | ')} [flags]`);
  process.exit(2);
}
const script = inBrowser[name];
const command = script
  ? [
      join(root, 'tests/node_modules/tsx/dist/cli.mjs'),
      '--conditions=@headway/source',
      join(root, 'tests/browser', script),
    ]
  : [file(name)];
process.exit(spawnSync(process.execPath, [...command, ...args], { stdio: 'inherit' }).status ?? 1);
