import { randomBytes } from 'node:crypto';
import { chmod, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * Writes a file whole or not at all: beside its place, and then there. What is none, as a device, is written to as it is.
 *
 * @param mode of the file; else that of the one which stood there, or the usual one
 * @throws the system's error; what stood there stands there still, and nothing beside it
 */
export async function replaceFile(path: string, text: string, { mode }: { mode?: number } = {}): Promise<void> {
  const before = await stat(path).catch(() => null);
  if (before && !before.isFile()) return writeFile(path, text);
  const place = before ? await realpath(path) : path;
  const draft = join(dirname(place), `.${randomBytes(6).toString('hex')}.draft`);
  try {
    const wanted = mode ?? before?.mode;
    await writeFile(draft, text, { mode: wanted, flag: 'wx' });
    // Whatever the process masks.
    if (wanted !== undefined) await chmod(draft, wanted);
    await rename(draft, place);
  } catch (thrown) {
    await rm(draft, { force: true });
    throw thrown;
  }
}
