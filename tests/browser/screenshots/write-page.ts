import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { folder, looks, type Scene } from './stage.ts';

/** Writes the page that shows all pictures, a sentence for each state. */
export async function writePage(scenes: readonly Scene[]): Promise<void> {
  const parts = [
    '# The demo in every state',
    'Taken of the built page in Chromium, in front of a real gateway. The model is the one that comes with Headway for the empty chat, and a scripted one for the rest, so that rare states come up when they are wanted. `npm run screenshots` takes all of them again, and finds no fault with axe-core in any; `npm run screenshots -- queue edit` takes those whose names begin so.',
  ];
  let title = '';
  for (const scene of scenes) {
    if (scene.title !== title) parts.push(`## ${(title = scene.title)}`);
    for (const [name, words] of Object.entries(scene.pictures)) {
      const shown = Object.keys(looks).map((look) => {
        const width = look === 'phone' ? 150 : 420;
        return `<img src="${name}-${look}.png" width="${width}" alt="${words} (${look})" />`;
      });
      parts.push(words, shown.join('\n'));
    }
  }
  await writeFile(join(folder, 'README.md'), `${parts.join('\n\n')}\n`);
}
