import { count } from './quantities.ts';

/** A number as people say it: up to 99 exactly, then two digits of it. 1234 → 1200 */
export function approximate(value: number): number {
  const step = stepOf(value);
  return Math.round(value / step) * step;
}

/** As `approximate`, rounded up, for what must not be told too low. 1234 → 1300 */
export function approximateUp(value: number): number {
  const step = stepOf(value);
  return Math.ceil(value / step) * step;
}

/** As `approximate`, rounded down, for what is at least so many. 1299 → 1200 */
export function approximateDown(value: number): number {
  const step = stepOf(value);
  return Math.floor(value / step) * step;
}

/** `3,021`, or `about 3,000` for a number that is not exact. */
export function about(value: number, exact: boolean): string {
  return exact ? count(value) : `about ${count(approximate(value))}`;
}

function stepOf(value: number): number {
  return 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, value))) - 1);
}
