import { list } from '../../words/list.ts';

/** Folders of generated or fetched files, which would fill any context. */
const generated = new Set(['node_modules', '__pycache__', 'bower_components', 'venv', 'site-packages']);

/** Whether a file or folder with this name is left out of a folder: hidden ones, such as `.git`, and `node_modules`. */
export function isLeftOut(name: string): boolean {
  return name.startsWith('.') || generated.has(name);
}

/** What a folder's reading left out. */
export interface LeftOut {
  /** Names of hidden or generated files and folders. */
  skipped: string[];
  /** Names of files without text. */
  notText: string[];
  /** Whether there were more files, or deeper folders, than are read. */
  more: boolean;
}

/** A sentence for the user about what was left out of a folder; null if nothing was. */
export function leftOutWords(folder: string, { skipped, notText, more }: LeftOut, maxFiles: number): string | null {
  const names = [...new Set(skipped)].toSorted();
  const parts = [
    names.length > 0 && list(names),
    notText.length > 0 &&
      `${notText.length} ${notText.length === 1 ? 'file' : 'files'} without text (${list(notText)})`,
    more && `what came after the first ${maxFiles} files`,
  ].filter((part) => part !== false);
  return parts.length === 0 ? null : `Left out of “${folder}”: ${parts.join('; ')}.`;
}
