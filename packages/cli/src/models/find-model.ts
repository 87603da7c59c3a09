import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { isModelAddress, modelsFolder } from '@headway/engine';

import { embeddedModel } from './embedded-model.ts';

/** The path or address of a model on the command line. A name from `headway models` becomes its file's path. */
export function findModel(name: string | undefined): string {
  if (name === undefined) return embeddedModel();
  return modelInFolder(name) ?? name;
}

/** Whether a word on the command line names a model; else it is a prompt. */
export function namesModel(word: string): boolean {
  return isModelAddress(word) || /\.gguf$/i.test(word) || modelInFolder(word) !== null;
}

function modelInFolder(name: string): string | null {
  if (isModelAddress(name) || existsSync(name) || !/^[^/\\\s]+$/.test(name)) return null;
  const file = join(modelsFolder(), name.endsWith('.gguf') ? name : `${name}.gguf`);
  return existsSync(file) ? file : null;
}
