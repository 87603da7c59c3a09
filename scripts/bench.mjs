import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import './build.mjs';

const [name, ...args] = process.argv.slice(2);
const file = (bench) => fileURLToPath(new URL(`../bench/dist/${bench}.js`, import.meta.url));
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
];
if (!benches.includes(name)) {
  console.error(`usage: npm run bench -- ${benches.join(' | ')} [flags]`);
  process.exit(2);
}
process.exit(spawnSync(process.execPath, [file(name), ...args], { stdio: 'inherit' }).status ?? 1);
