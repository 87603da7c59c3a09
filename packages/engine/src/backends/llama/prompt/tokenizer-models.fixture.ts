import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { storytellerPath } from '@headway/storyteller';
import { vocabularyFile, type VocabularyFileOptions } from '../tokenizer/vocabulary-file.fixture.ts';

/** Optional models and templates next to the repository, which are not part of it. */
export const localFolder = fileURLToPath(new URL('../../../../../../../shared/', import.meta.url));

/** Files in a subfolder of `localFolder` with this ending; none where there is no such folder. */
export function localFiles(folder: string, ending: string): string[] {
  const path = localFolder + folder;
  return existsSync(path)
    ? readdirSync(path).flatMap((name) => (name.endsWith(ending) ? [`${path}/${name}`] : []))
    : [];
}

/** The embedded model, generated vocabularies in a folder that `remove` deletes, and optional local models. */
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
