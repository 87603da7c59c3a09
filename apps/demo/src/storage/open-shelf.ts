import { openIdbShelf } from './idb-shelf.ts';
import { createMemoryShelf } from './memory-shelf.ts';
import type { Shelf } from './shelf.ts';

/** Opens the browser's database, or else keeps conversations in memory: `lasting` tells which. */
export async function openShelf(): Promise<Shelf> {
  try {
    return await openIdbShelf();
  } catch {
    // A private window, or storage that the user has turned off. The page says that it keeps nothing.
    return createMemoryShelf();
  }
}
