import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { storytellerPath } from '@headway/storyteller';
import { madeVocabulary, type MadeVocabulary } from '../tokenizer/made-vocabularies.fixture.ts';

/** Models and templates of others, where they are at hand; they are no part of the project. */
export const othersFolder = fileURLToPath(new URL('../../../../../../../shared/', import.meta.url));

export function filesAtHand(folder: string, ending: string): string[] {
  const path = othersFolder + folder;
  return existsSync(path)
    ? readdirSync(path).flatMap((name) => (name.endsWith(ending) ? [`${path}/${name}`] : []))
    : [];
}

/** The embedded model, vocabularies that are made now, in a folder that goes with `remove`, and models at hand. */
export async function modelsAtHand(made: Readonly<Record<string, MadeVocabulary>>) {
  const folder = await mkdtemp(join(tmpdir(), 'headway-vocabularies-'));
  const models: { name: string; modelPath: () => Promise<string> }[] = [
    {
      name: 'the embedded model',
      modelPath: async () => storytellerPath,
    },
    ...Object.entries(made).map(([name, options], at) => ({
      name,
      modelPath: async () => {
        const path = join(folder, `${at}.gguf`);
        await writeFile(path, await madeVocabulary(options));
        return path;
      },
    })),
    ...filesAtHand('models', '.gguf').map((path) => ({ name: path, modelPath: async () => path })),
  ];
  return { models, remove: () => rm(folder, { recursive: true, force: true }) };
}
