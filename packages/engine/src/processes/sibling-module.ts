import { extname } from 'node:path';

/** URL of the module `name` beside `moduleUrl`, with the same extension: `.ts` in the sources, `.js` when built. */
export function siblingModule(moduleUrl: string, name: string): URL {
  return new URL(`./${name}${extname(new URL(moduleUrl).pathname)}`, moduleUrl);
}
