// Draws the figures of `npm run bench -- peers --json FILE` for README and docs:
// node scripts/draw-peers.mjs FILE [number of the model in it, the first is 0]
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { peersSvg } from './peers-svg.mjs';
import { root } from './run.mjs';

const [file, number = '0'] = process.argv.slice(2);
if (file === undefined) {
  console.error('usage: node scripts/draw-peers.mjs FILE [number of the model in it]');
  process.exit(2);
}
const result = JSON.parse(readFileSync(file, 'utf8'));
const model = result.models[Number(number)];
if (!model) {
  console.error(`${file} has ${result.models.length} models, so there is no number ${number}`);
  process.exit(2);
}
const outFile = join(root, 'docs', 'images', 'peers.svg');
writeFileSync(outFile, peersSvg(result, model));
console.log(outFile);
