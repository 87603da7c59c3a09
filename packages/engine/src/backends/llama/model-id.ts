import { basename } from 'node:path';

/** A file's name without its folder, `.gguf` and the part number of a split file. */
export function modelIdOf(path: string): string {
  return basename(path)
    .replace(/\.gguf$/i, '')
    .replace(/-\d{5}-of-\d{5}$/, '');
}
