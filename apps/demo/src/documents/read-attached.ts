import type { DroppedEntry } from './folder/entries-of.ts';
import { gatherEntries, gatherFiles, maxFiles, type Gathered } from './folder/gather-files.ts';
import { leftOutWords } from './folder/left-out.ts';
import { readFile } from './read/read-file.ts';
import type { TextDocument } from './text-document.ts';

interface AttachedOptions {
  maxBytes: number;
  signal: AbortSignal;
  /** Which file is read now, for the user. */
  onProgress: (words: string) => void;
  onDocument: (document: TextDocument) => void;
}

/**
 * Reads files and folders one file after the other, so that their order stays and one at a time is in memory. Returns what to
 * tell the user: a sentence about each file that was refused, and one about each folder that had more than text.
 *
 * @throws the signal's reason when it aborts
 */
export async function readAttached(
  attached: readonly File[] | readonly DroppedEntry[],
  options: AttachedOptions,
): Promise<string[]> {
  const gathered = areFiles(attached) ? gatherFiles(attached) : await gatherEntries(attached, options.signal);
  return readGathered(gathered, options);
}

function areFiles(attached: readonly File[] | readonly DroppedEntry[]): attached is readonly File[] {
  return attached.every((one) => one instanceof File);
}

async function readGathered({ files, skipped, cut }: Gathered, options: AttachedOptions): Promise<string[]> {
  const { maxBytes, signal, onProgress, onDocument } = options;
  const told: string[] = [];
  const notText = new Map<string, string[]>();
  for (const [at, { file, name, folder }] of files.entries()) {
    signal.throwIfAborted();
    const place = files.length === 1 ? '' : `, file ${at + 1} of ${files.length}`;
    onProgress(`Reading ${name}${place}`);
    if (!file) {
      told.push(`“${name}” could not be opened. Is it still there?`);
      continue;
    }
    const reading = await readFile(file, {
      maxBytes,
      name,
      signal,
      // In a folder, it is source code.
      htmlAs: folder === null ? 'text' : 'source',
      onPage: (page, of) => onProgress(`Reading ${name}, page ${page} of ${of}${place}`),
    });
    signal.throwIfAborted();
    if ('document' in reading) onDocument(reading.document);
    else if (reading.notText && folder !== null) notText.set(folder, [...(notText.get(folder) ?? []), file.name]);
    else told.push(reading.problem);
  }
  for (const folder of new Set([...skipped.keys(), ...notText.keys(), ...cut])) {
    const leftOut = {
      skipped: skipped.get(folder) ?? [],
      notText: notText.get(folder) ?? [],
      more: cut.includes(folder),
    };
    const words = leftOutWords(folder, leftOut, maxFiles);
    if (words !== null) told.push(words);
  }
  return told;
}
