import { median, round } from '../statistics.ts';
import type { Figure } from './figures.ts';
import type { Measured } from './measures.ts';

/** One row of the table: medians, and the median of the rounds' ratios. */
export interface Row extends Figure {
  llamaServer: number;
  headway: number;
  /** Headway over llama-server. Null where llama-server's is 0 or less. */
  ratio: number | null;
  /** llama-server and Headway in each round. */
  rounds: [number, number][];
}

/** One measured round: the same figures of both servers. */
export interface Round {
  llamaServer: Measured;
  headway: Measured;
}

/** Rows for the figures that were measured, in the order of `figures`. */
export function rowsOf(figures: readonly Figure[], rounds: readonly Round[]): Row[] {
  return figures.flatMap((figure) => {
    const pairs = rounds.flatMap(({ llamaServer, headway }): [number, number][] => {
      const [theirs, ours] = [llamaServer[figure.id], headway[figure.id]];
      return theirs === undefined || ours === undefined ? [] : [[theirs, ours]];
    });
    if (pairs.length === 0) return [];
    const [theirs, ours] = [median(pairs.map(([one]) => one)), median(pairs.map(([, one]) => one))];
    const ratio = theirs > 0 ? round(median(pairs.map(([one, other]) => other / one)), 3) : null;
    const rounded = pairs.map(([one, other]): [number, number] => [round(one, 3), round(other, 3)]);
    return [{ ...figure, llamaServer: round(theirs, 3), headway: round(ours, 3), ratio, rounds: rounded }];
  });
}

/** The rows of several models beside each other, as Markdown. The better value is bold. */
export function markdownOf(models: readonly { name: string; rows: readonly Row[] }[]): string {
  const labels = [...new Set(models.flatMap(({ rows }) => rows.map(({ label, unit }) => `${label}, ${unit}`)))];
  const cells = (values: readonly string[]) => `| ${values.join(' | ')} |`;
  const digits = (value: number) => shown(value).toLocaleString('en');
  const body = labels.map((label) => [
    label,
    ...models.flatMap(({ rows }) => {
      const row = rows.find((candidate) => `${candidate.label}, ${candidate.unit}` === label);
      if (!row) return ['', ''];
      const { better, llamaServer, headway } = row;
      const ahead = better === 'lower' ? headway < llamaServer : headway > llamaServer;
      const [theirs, ours] = [digits(llamaServer), digits(headway)];
      return ahead ? [theirs, `**${ours}**`] : [`**${theirs}**`, ours];
    }),
  ]);
  const head = ['', ...models.flatMap(({ name }) => [`${name}: llama-server`, 'Headway'])];
  return [head, head.map(() => '---'), ...body].map(cells).join('\n');
}

/** Printed by `console.table`. */
export function printRows(rows: readonly Row[]): void {
  console.table(
    Object.fromEntries(
      rows.map(({ label, unit, llamaServer, headway, ratio, better }) => [
        `${label}, ${unit}`,
        { 'llama-server': shown(llamaServer), headway: shown(headway), ratio, better },
      ]),
    ),
  );
}

/** Three digits, or all before the point. */
const shown = (value: number) => (Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3)));
