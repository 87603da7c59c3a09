import { existsSync, statSync } from 'node:fs';
import { basename } from 'node:path';

import { storytellerPath } from '@headway/storyteller';

import { isShapeName, shapes } from '../untrained/shapes.ts';
import { formats, isFormatName } from '../untrained/tensor-formats.ts';
import { untrainedModel } from '../untrained/write-model.ts';

export interface FoundModel {
  name: string;
  file: string;
  bytes: number;
}

/** `embedded`, the name of a shape, or a path. @throws Error when it is none of them */
export async function findModel(name: string, quant: string): Promise<FoundModel> {
  if (name === 'embedded') return found('storyteller', storytellerPath);
  if (isShapeName(name)) {
    if (!isFormatName(quant)) throw new Error(`--quant: ${quant} is none of ${Object.keys(formats).join(', ')}`);
    return found(`untrained ${name}, ${quant}`, await untrainedModel(name, quant));
  }
  if (existsSync(name)) return found(basename(name, '.gguf'), name);
  throw new Error(`--model: ${name} is no file and none of embedded, ${Object.keys(shapes).join(', ')}`);
}

const found = (name: string, file: string): FoundModel => ({ name, file, bytes: statSync(file).size });
