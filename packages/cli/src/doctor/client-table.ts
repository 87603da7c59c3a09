import { progressDialectIds, progressDialects, type ProgressDialectId } from './streams/progress-dialects.ts';
import { surfaces } from './streams/surfaces.ts';
import type { JudgedTrial } from './verdicts/assess-trials.ts';
import { clientKindIds, clientKinds, type ClientKindId } from './verdicts/client-kinds.ts';
import type { Verdict } from './verdicts/judge.ts';

/** What one kind of client gets in one progress dialect. */
export interface TableCell {
  /** The worst verdict over its surfaces; null if none was tried. */
  takes: Verdict['takes'] | null;
  /** Whether its surfaces have different verdicts. */
  differs: boolean;
}

export interface ClientRow {
  name: string;
  cells: Record<ProgressDialectId, TableCell>;
}

/** Makes one row for each kind of client that was tried. */
export function clientRows(verdicts: readonly JudgedTrial[]): ClientRow[] {
  return clientKindIds
    .filter((client) => verdicts.some((verdict) => verdict.client === client))
    .map((client) => ({ name: clientKinds[client].name, cells: cellsOf(verdicts, client) }));
}

/** Lists the surfaces with different verdicts: `SwiftLM’s clients, comment: text, but progress on /v1/completions`. */
export function differences(verdicts: readonly JudgedTrial[]): string[] {
  return clientKindIds.flatMap((client) =>
    progressDialectIds.flatMap((dialect) => {
      const { takes, differs } = cellOf(verdicts, client, dialect);
      if (!differs) return [];
      const others = verdicts.filter((one) => one.client === client && one.dialect === dialect && one.takes !== takes);
      const but = others.map((one) => `${one.takes} on ${surfaces[one.surface].path}`).join(', ');
      return [`${clientKinds[client].name}, ${progressDialects[dialect].name}: ${takes}, but ${but}`];
    }),
  );
}

const worstFirst = ['breaks', 'text', 'progress'] as const satisfies Verdict['takes'][];

function cellsOf(verdicts: readonly JudgedTrial[], client: ClientKindId): Record<ProgressDialectId, TableCell> {
  const cells = progressDialectIds.map((dialect) => [dialect, cellOf(verdicts, client, dialect)] as const);
  return Object.fromEntries(cells) as Record<ProgressDialectId, TableCell>;
}

function cellOf(verdicts: readonly JudgedTrial[], client: ClientKindId, dialect: ProgressDialectId): TableCell {
  const taken = new Set(
    verdicts.filter((verdict) => verdict.client === client && verdict.dialect === dialect).map(({ takes }) => takes),
  );
  return { takes: worstFirst.find((takes) => taken.has(takes)) ?? null, differs: taken.size > 1 };
}
