// Takes the pictures of docs/screenshots/: npm run screenshots [-- beginning-of-a-name ...]
import { mkdir } from 'node:fs/promises';
import { inspect } from 'node:util';

import { launchBrowser } from '../launch-browser.ts';
import { scenes } from './scenes/index.ts';
import { createStage, folder, looks, type Look } from './stage.ts';
import { writePage } from './write-page.ts';

const wanted = process.argv.slice(2);
const isWanted = (name: string) => wanted.length === 0 || wanted.some((beginning) => name.startsWith(beginning));

await mkdir(folder, { recursive: true });
const browser = await launchBrowser();
for (const scene of scenes) {
  const names = Object.keys(scene.pictures);
  if (!names.some(isWanted)) continue;
  for (const look of Object.keys(looks) as Look[]) {
    process.stdout.write(`${look}: ${names.join(', ')}\n`);
    try {
      await scene.play(createStage(browser, look));
    } catch (thrown) {
      // The others show their faults in the same run.
      process.stderr.write(`${inspect(thrown)}\n`);
      process.exitCode = 1;
    }
  }
}
await browser.close();
await writePage(scenes);
