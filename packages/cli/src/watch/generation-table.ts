import type { GenerationInfo } from '@headway/protocol';

import { formatTable } from '../terminal/format-table.ts';

export interface TableOptions {
  /** The current time, in ms since 1970. */
  now: number;
  /** The width of a line. @default no limit */
  columns?: number | undefined;
}

const columns: readonly [name: string, cell: (one: GenerationInfo, now: number) => string][] = [
  ['ID', ({ id }) => id],
  ['MODEL', ({ model }) => model],
  ['AGE', ({ created }, now) => ageOf(now - created)],
  [
    'STATE',
    ({ outcome, state, queuePosition }) => outcome ?? (queuePosition === null ? state : `${state} (${queuePosition})`),
  ],
  ['READ', ({ processed, total }) => (processed === null || total === null ? '-' : `${processed} of ${total}`)],
  ['WRITTEN', ({ completionTokens }) => String(completionTokens)],
];

/** The columns that a narrow terminal drops, in this order, before the model's name is cut. */
const spared = ['READ', 'WRITTEN'];
const leastName = 6;

/** Formats generations as a table, in the order given. */
export function generationTable(
  generations: readonly GenerationInfo[],
  { now, columns: width = Number.POSITIVE_INFINITY }: TableOptions,
): string {
  const draw = (without: readonly string[], longestName = Number.POSITIVE_INFINITY) => {
    const shown = columns.filter(([name]) => !without.includes(name));
    const cellOf = (name: string, text: string) =>
      name === 'MODEL' && text.length > longestName ? `${text.slice(0, longestName - 1)}…` : text;
    const rows = generations.map((one) => shown.map(([name, cell]) => cellOf(name, cell(one, now))));
    return formatTable(
      shown.map(([name]) => name),
      rows,
    );
  };
  for (let at = 0; at <= spared.length; at++) {
    const table = draw(spared.slice(0, at));
    if (widthOf(table) <= width) return table;
  }
  const name = Math.max(...generations.map(({ model }) => model.length));
  return draw(spared, Math.max(leastName, name - (widthOf(draw(spared)) - width)));
}

function widthOf(table: string): number {
  return Math.max(...table.split('\n').map((line) => line.length));
}

/** Formats an age as `12 s`, `3 min` or `2 h`. A negative one, from clocks that differ, is 0 s. */
function ageOf(ms: number): string {
  if (!Number.isFinite(ms)) return '-';
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7200 ? `${Math.floor(seconds / 60)} min` : `${Math.floor(seconds / 3600)} h`;
}
