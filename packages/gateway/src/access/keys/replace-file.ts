import { randomBytes } from 'node:crypto';
import { chmod, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * Writes a file whole or not at all: it writes a temporary file in the same folder, then renames it. A path that is no
 * regular file, like a device, is written to directly.
 *
 * @param mode of the file. @default the mode of the file that it replaces, else the system's default
 * @throws the system's error. The old file then is unchanged, and the temporary file is removed
 */
export async function replaceFile(path: string, text: string, { mode }: { mode?: number } = {}): Promise<void> {
  const before = await stat(path).catch(() => null);
  if (before && !before.isFile()) return writeFile(path, text);
  const place = before ? await realpath(path) : path;
  const draft = join(dirname(place), `.${randomBytes(6).toString('hex')}.draft`);
  try {
    const wanted = mode ?? before?.mode;
    await writeFile(draft, text, { mode: wanted, flag: 'wx' });
    // writeFile's mode is subject to the umask, chmod's is not.
    if (wanted !== undefined) await chmod(draft, wanted);
    await rename(draft, place);
  } catch (thrown) {
    await rm(draft, { force: true });
    throw thrown;
  }
}
