import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { storytellerPath } from '@headway/storyteller';
import { vocabularyFile, type VocabularyFileOptions } from '../tokenizer/vocabulary-file.fixture.ts';

/** Models and templates of others, where they are at hand; they are no part of the project. */
export const localFolder = fileURLToPath(new URL('../../../../../../../shared/', import.meta.url));

export function localFiles(folder: string, ending: string): string[] {
  const path = localFolder + folder;
  return existsSync(path)
    ? readdirSync(path).flatMap((name) => (name.endsWith(ending) ? [`${path}/${name}`] : []))
    : [];
}

/** The embedded model, vocabularies that are made now, in a folder that goes with `remove`, and models at hand. */
export async function openTokenizerModels(made: Readonly<Record<string, VocabularyFileOptions>>) {
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
        await writeFile(path, await vocabularyFile(options));
        return path;
      },
    })),
    ...localFiles('models', '.gguf').map((path) => ({ name: path, modelPath: async () => path })),
  ];
  return { models, remove: () => rm(folder, { recursive: true, force: true }) };
}
