import { progressModeIds, progressModes, type ProgressModeId } from './streams/progress-dialects.ts';
import { surfaces } from './streams/surfaces.ts';
import type { JudgedTrial } from './verdicts/assess-trials.ts';
import { clientKindIds, clientKinds, type ClientKindId } from './verdicts/client-kinds.ts';
import type { Verdict } from './verdicts/judge.ts';

/** What one kind of client takes in one mode. */
export interface TableCell {
  /** The worst of all its surfaces; null where nothing was tried. */
  takes: Verdict['takes'] | null;
  /** Whether its surfaces differ. */
  differs: boolean;
}

export interface ClientRow {
  name: string;
  cells: Record<ProgressModeId, TableCell>;
}

/** One row for each kind of client that was tried. */
export function clientRows(verdicts: readonly JudgedTrial[]): ClientRow[] {
  return clientKindIds
    .filter((client) => verdicts.some((verdict) => verdict.client === client))
    .map((client) => ({ name: clientKinds[client].name, cells: cellsOf(verdicts, client) }));
}

/** Where surfaces differ, in a sentence each: `SwiftLM’s clients, comment: text, but progress on /v1/completions`. */
export function differences(verdicts: readonly JudgedTrial[]): string[] {
  return clientKindIds.flatMap((client) =>
    progressModeIds.flatMap((mode) => {
      const { takes, differs } = cellOf(verdicts, client, mode);
      if (!differs) return [];
      const others = verdicts.filter((one) => one.client === client && one.mode === mode && one.takes !== takes);
      const but = others.map((one) => `${one.takes} on ${surfaces[one.surface].path}`).join(', ');
      return [`${clientKinds[client].name}, ${progressModes[mode].name}: ${takes}, but ${but}`];
    }),
  );
}

const worstFirst = ['breaks', 'text', 'progress'] as const satisfies Verdict['takes'][];

function cellsOf(verdicts: readonly JudgedTrial[], client: ClientKindId): Record<ProgressModeId, TableCell> {
  const cells = progressModeIds.map((mode) => [mode, cellOf(verdicts, client, mode)] as const);
  return Object.fromEntries(cells) as Record<ProgressModeId, TableCell>;
}

function cellOf(verdicts: readonly JudgedTrial[], client: ClientKindId, mode: ProgressModeId): TableCell {
  const taken = new Set(
    verdicts.filter((verdict) => verdict.client === client && verdict.mode === mode).map(({ takes }) => takes),
  );
  return { takes: worstFirst.find((takes) => taken.has(takes)) ?? null, differs: taken.size > 1 };
}
