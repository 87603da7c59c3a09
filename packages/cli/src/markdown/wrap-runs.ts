import type { Run } from '../terminal/drawing/paint.ts';
import { WordWrap } from '../terminal/word-wrap.ts';

/** Wraps styled text to lines of at most `width` columns, cutting longer words. Lines after the first begin with `hang`. */
export function wrapRuns(runs: readonly Run[], width: number, hang: readonly Run[] = []): Run[][] {
  const words = new WordWrap(() => width + 1, { fences: false, hard: true });
  words.hang = hang;
  const lines: Run[][] = [[]];
  for (const run of [...runs.flatMap(({ text, paint }) => words.runs(text, paint)), ...words.endRuns()]) {
    if (run.text === '\n') lines.push([]);
    else lines.at(-1)?.push(run);
  }
  return lines;
}
