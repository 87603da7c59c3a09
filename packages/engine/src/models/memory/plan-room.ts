/** A model that is in memory. */
export interface ModelUse {
  id: string;
  /** Memory that it takes, or will take once it is loaded. */
  bytes: number;
  /** `leaving`: its memory is being freed. */
  state: 'idle' | 'busy' | 'loading' | 'leaving';
  /** When it last began or ended work, in ms. */
  lastUsed: number;
}

export interface RoomOptions {
  /** In bytes. */
  limit: number;
  /** The memory that is wanted, in bytes: at most the limit. */
  need: number;
  models: readonly ModelUse[];
}

export interface RoomPlan {
  /** Whether there is room now. */
  fits: boolean;
  /** The idle models to unload. */
  unload: string[];
  /** The models to unload once they have ended their work; they take no new one until then. */
  await: string[];
}

const order: Record<ModelUse['state'], number> = { idle: 0, busy: 1, loading: 2, leaving: 3 };

/**
 * Which models make room for one more: idle ones first, the least recently used first, and no more than necessary. What is
 * leaving counts as taken until it is gone, and as room that needs no other model to leave.
 */
export function planRoom({ limit, need, models }: RoomOptions): RoomPlan {
  const staying = models.filter(({ state }) => state !== 'leaving');
  const fits = sumOf(models) + need <= limit;
  let missing = sumOf(staying) + need - limit;
  if (fits || missing <= 0) return { fits, unload: [], await: [] };
  const candidates = staying.toSorted((a, b) => order[a.state] - order[b.state] || a.lastUsed - b.lastUsed);
  const chosen: ModelUse[] = [];
  for (const model of candidates) {
    if (missing <= 0) break;
    chosen.push(model);
    missing -= model.bytes;
  }
  // A later one may be so large that earlier ones can stay: first those that work, then the most recently used.
  const leaving = chosen.toReversed().filter(({ bytes }) => {
    if (missing + bytes > 0) return true;
    missing += bytes;
    return false;
  });
  const idsOf = (isIdle: boolean) => leaving.filter(({ state }) => (state === 'idle') === isIdle).map(({ id }) => id);
  return { fits, unload: idsOf(true).toReversed(), await: idsOf(false).toReversed() };
}

function sumOf(models: readonly ModelUse[]): number {
  return models.reduce((sum, { bytes }) => sum + bytes, 0);
}
