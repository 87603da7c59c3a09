import type { DroppedEntry } from './entries-of.ts';
import { isLeftOut } from './left-out.ts';

/** A file to attach, under the name that its document gets. */
export interface GatheredFile {
  /** Null for a file that the browser could not open. */
  file: File | null;
  /** The file's name, or its path from an attached folder on. */
  name: string;
  /** The attached folder; null for a file that was attached by itself. */
  folder: string | null;
}

/** The files that the user dropped or chose, in a stable order. */
export interface Gathered {
  files: GatheredFile[];
  /** By attached folder, the hidden and generated entries in it. */
  skipped: Map<string, string[]>;
  /** Attached folders with more files, or deeper folders, than are taken. */
  cut: string[];
}

/** The most files of one folder. */
export const maxFiles = 200;
/** The deepest folder that is read, below the attached one. */
const maxDepth = 16;
/** The most entries of a folder that are looked at. */
const maxEntries = 20_000;

/** Sorts files by their names as people do: `2.txt` before `10.txt`. */
const byName = new Intl.Collator('en', { numeric: true }).compare;

interface DroppedFolder extends DroppedEntry {
  createReader(): {
    readEntries(done: (entries: DroppedEntry[]) => void, failed: (error: DOMException) => void): void;
  };
}

interface DroppedFile extends DroppedEntry {
  file(done: (file: File) => void, failed: (error: DOMException) => void): void;
}

/** Files that were chosen or pasted; those of a chosen folder carry their path in it. */
export function gatherFiles(files: readonly File[]): Gathered {
  const gathered: Gathered = { files: [], skipped: new Map(), cut: [] };
  const counts = new Map<string, number>();
  const named = files.map((file) => ({ file, name: file.webkitRelativePath || file.name }));
  // The picker gives a folder's files in the order of the disk.
  if (named.some(({ name }) => name.includes('/'))) named.sort((a, b) => byName(a.name, b.name));
  for (const { file, name } of named) {
    const [folder = '', ...inside] = name.split('/');
    if (inside.length === 0) {
      gathered.files.push({ file, name, folder: null });
      continue;
    }
    const hidden = inside.find(isLeftOut);
    const taken = counts.get(folder) ?? 0;
    if (hidden !== undefined) skip(gathered, folder, hidden);
    else if (taken >= maxFiles || inside.length > maxDepth) cut(gathered, folder);
    else {
      counts.set(folder, taken + 1);
      gathered.files.push({ file, name, folder });
    }
  }
  return gathered;
}

/**
 * Walks dropped files and folders. `entriesOf` takes the entries from the event.
 *
 * @throws the signal's reason when it aborts
 */
export async function gatherEntries(entries: readonly DroppedEntry[], signal: AbortSignal): Promise<Gathered> {
  const gathered: Gathered = { files: [], skipped: new Map(), cut: [] };
  for (const entry of entries) {
    if (!entry.isDirectory) {
      gathered.files.push({ file: await fileOf(entry as DroppedFile), name: entry.name, folder: null });
      continue;
    }
    let taken = 0;
    let seen = 0;
    const walk = async (folder: DroppedFolder, path: string, depth: number): Promise<void> => {
      const inside = await entriesIn(folder, maxEntries - seen);
      signal.throwIfAborted();
      seen += inside.length;
      for (const one of inside.toSorted((a, b) => byName(a.name, b.name))) {
        const name = `${path}/${one.name}`;
        if (isLeftOut(one.name)) skip(gathered, entry.name, one.name);
        else if (taken >= maxFiles || seen >= maxEntries) return cut(gathered, entry.name);
        else if (!one.isDirectory) {
          taken += 1;
          gathered.files.push({ file: await fileOf(one as DroppedFile), name, folder: entry.name });
        } else if (depth < maxDepth) await walk(one as DroppedFolder, name, depth + 1);
        else cut(gathered, entry.name);
      }
    };
    await walk(entry as DroppedFolder, entry.name, 1);
  }
  return gathered;
}

function skip({ skipped }: Gathered, folder: string, name: string): void {
  const names = skipped.get(folder);
  if (names) names.push(name);
  else skipped.set(folder, [name]);
}

function cut({ cut: folders }: Gathered, folder: string): void {
  if (!folders.includes(folder)) folders.push(folder);
}

/** A reader gives about 100 entries at a time, and none after the last. */
async function entriesIn(folder: DroppedFolder, most: number): Promise<DroppedEntry[]> {
  const reader = folder.createReader();
  const entries: DroppedEntry[] = [];
  while (entries.length < most) {
    const next = await new Promise<DroppedEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (next.length === 0) break;
    entries.push(...next);
  }
  return entries;
}

function fileOf(entry: DroppedFile): Promise<File | null> {
  return new Promise((resolve) => entry.file(resolve, () => resolve(null)));
}
