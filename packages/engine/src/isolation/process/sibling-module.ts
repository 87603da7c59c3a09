import { extname } from 'node:path';

/** Address of a module beside another one, built or as it is in the sources. */
export function besideThis(moduleUrl: string, name: string): URL {
  return new URL(`./${name}${extname(new URL(moduleUrl).pathname)}`, moduleUrl);
}
