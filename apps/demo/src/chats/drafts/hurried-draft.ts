import type { Draft } from '../../composer/draft.ts';
import { readTab, writeTab } from '../../shell/tab-storage.ts';

const storageKey = 'headway-draft';

/**
 * Keeps a draft whose page goes before the browser's database can take it. The tab's own storage takes it at once, unless it
 * is too large.
 */
export function keepHurried(key: string, draft: Draft): void {
  writeTab(storageKey, JSON.stringify({ key, draft }));
}

export function forgetHurried(): void {
  writeTab(storageKey, null);
}

/** The draft that was kept so for a conversation, once; null if there is none. */
export function takeHurried(key: string): Draft | null {
  const kept = readTab(storageKey);
  if (kept === null) return null;
  const found = JSON.parse(kept) as { key: string; draft: Draft };
  if (found.key !== key) return null;
  forgetHurried();
  return found.draft;
}
