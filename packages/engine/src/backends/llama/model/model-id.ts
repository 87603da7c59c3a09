import { basename } from 'node:path';

import { isModelAddress } from './model-address.ts';

/**
 * The id of a model: the file's name without folder, `.gguf` and part number; of `hf:user/repo:quant`, `repo:quant`.
 */
export function modelIdOf(pathOrAddress: string): string {
  return nameOf(pathOrAddress)
    .replace(/\.gguf(\.part\d+of\d+)?$/i, '')
    .replace(/-\d{5}-of-\d{5}$/, '');
}

function nameOf(pathOrAddress: string): string {
  if (!isModelAddress(pathOrAddress)) return basename(pathOrAddress);
  const path = pathOrAddress.replace(/[?#].*$/, '').replace(/^\w+:/, '');
  return path.split('/').at(-1) || path;
}
