/** The parts of a `FileSystemEntry` that are used, which tests can build. */
export interface DroppedEntry {
  readonly name: string;
  readonly isDirectory: boolean;
}

/**
 * The entries of a drop, or its files where the browser has no entries. To be called before the event ends, after which the
 * browser has nothing any more.
 */
export function entriesOf(data: DataTransfer): DroppedEntry[] | File[] {
  const items = [...data.items].filter(({ kind }) => kind === 'file');
  const entries = items.map((item): DroppedEntry | null => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  return entries.length === items.length && entries.length > 0 ? entries : [...data.files];
}
