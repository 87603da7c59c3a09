import { timeToGo } from '../quantities.ts';

/**
 * From this time without an event on, in ms, the page says so. The time to go is gone before, after two seconds: a large
 * chunk on a slow machine may take that long.
 */
const worthTelling = 4000;

/** How long nothing has come, or null while that is no news. `stalledMs` as in the generation's state. */
export function stallWords(stalledMs: number | null): string | null {
  return stalledMs !== null && stalledMs >= worthTelling ? `No progress for ${timeToGo(stalledMs)}` : null;
}

/** What the user can do about it. */
export const stallAdvice = 'The server may be busy. You can wait, or stop and send again.';
