import { fieldError } from '../errors/field-error.ts';

export interface SummaryOptions {
  /** The least time between two summaries, in ms; the last one does not wait. @default 200 */
  everyMs?: number | undefined;
}

/** Whether summaries come: `true`, or how often. */
export type SummaryOption = boolean | SummaryOptions;

/** The longest delay of a timer, in ms; with a longer one it fires at once. */
export const longestTimer = 2 ** 31 - 1;

/** The least time between two summaries, in ms; null without summaries. @throws HeadwayError `invalid-request` */
export function summaryEveryMs(option: SummaryOption | undefined): number | null {
  if (option === undefined || option === false) return null;
  if (option !== true && (typeof option !== 'object' || option === null)) {
    throw fieldError({ path: ['summary'], message: 'must be true, or options such as { everyMs: 200 }' });
  }
  const { everyMs = 200 } = option === true ? {} : option;
  if (everyMs >= 0 && everyMs <= longestTimer) return everyMs;
  throw fieldError({
    path: ['summary', 'everyMs'],
    message: `${String(everyMs)} is not a time; give 0 to ${longestTimer} ms`,
  });
}
