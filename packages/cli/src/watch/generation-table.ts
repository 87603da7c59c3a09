import type { GenerationInfo } from '@headway/protocol';

import { formatTable } from '../terminal/format-table.ts';

export interface TableOptions {
  /** In ms since 1970. */
  now: number;
  /** How wide a line may be. @default as wide as it is */
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

/** What a narrow terminal does without, the first at first; then the model's name is cut. */
const spared = ['READ', 'WRITTEN'];
const leastName = 6;

/** Generations in lines, the newest first as they came. */
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

/** `12 s`, `3 min`, `2 h`; clocks of two machines may differ. */
function ageOf(ms: number): string {
  if (!Number.isFinite(ms)) return '-';
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7200 ? `${Math.floor(seconds / 60)} min` : `${Math.floor(seconds / 3600)} h`;
}
