import type { colorsFor } from '../terminal/stream-colors.ts';
import { foreignText } from '@headway/protocol';
import { clientRows, differences, type TableCell } from './client-table.ts';
import type { Finding, Section } from './finding.ts';
import { progressDialectIds, progressDialects } from './streams/progress-dialects.ts';
import type { JudgedTrial } from './verdicts/assess-trials.ts';

type Colors = Pick<ReturnType<typeof colorsFor>, 'bold' | 'dim' | 'green' | 'yellow' | 'red'>;

const marks = {
  ok: { mark: '✓', color: 'green' },
  warning: { mark: '!', color: 'yellow' },
  failure: { mark: '✗', color: 'red' },
} as const;

/** Formats a section: a line for each finding, with its mark, and its remedy on the line below. */
export function sectionLines({ title, findings }: Section, colors: Colors): string {
  const lines = findings.flatMap(({ state, what, remedy }: Finding) => {
    const { mark, color } = marks[state];
    const first = `  ${colors[color](mark)} ${oneLine(what)}`;
    return remedy === undefined ? [first] : [first, `    ${colors.dim('→')} ${oneLine(remedy)}`];
  });
  return [colors.bold(oneLine(title)), ...lines].map((line) => `${line}\n`).join('');
}

const cellColors = { progress: 'green', text: 'dim', breaks: 'red' } as const;

/** Formats the table of client kinds by progress dialects, with a legend. */
export function tableLines(verdicts: readonly JudgedTrial[], colors: Colors): string {
  const rows = clientRows(verdicts);
  const nameWidth = Math.max(...rows.map(({ name }) => name.length));
  const widths = progressDialectIds.map((dialect) =>
    Math.max(progressDialects[dialect].name.length, ...rows.map(({ cells }) => wordOf(cells[dialect]).length)),
  );
  const line = (name: string, cells: readonly string[]) => `  ${name.padEnd(nameWidth)} ${cells.join(' ')}`;
  return [
    colors.bold('What each kind of client gets, as tried'),
    line(
      '',
      progressDialectIds.map((dialect, at) => progressDialects[dialect].name.padEnd(widths[at] ?? 0)),
    ),
    ...rows.map(({ name, cells }) =>
      line(
        name,
        progressDialectIds.map((dialect, at) => colored(cells[dialect], widths[at] ?? 0, colors)),
      ),
    ),
    `  ${'LM Studio SDK'.padEnd(nameWidth)} ${colors.dim('speaks a protocol of its own')}`,
    ...differences(verdicts).map((difference) => `  * ${difference}`),
    '',
    colors.dim('  text: the answer without progress · breaks: ends in an exception'),
    colors.dim('  return_progress: true in the body · X-Headway-Progress: named or comment'),
    colors.dim('  X-SwiftLM-Prefill-Progress: 1 · the AI SDK has progress in its raw chunks'),
  ]
    .map((text) => `${text.trimEnd()}\n`)
    .join('');
}

function wordOf({ takes, differs }: TableCell): string {
  return takes === null ? '-' : `${takes}${differs ? '*' : ''}`;
}

function colored(cell: TableCell, width: number, colors: Colors): string {
  const word = wordOf(cell);
  const space = ' '.repeat(width - word.length);
  return `${cell.takes === null ? word : colors[cellColors[cell.takes]](word)}${space}`;
}

/** Makes a gateway's text safe for the terminal. */
function oneLine(text: string): string {
  return foreignText(text.replace(/\s+/g, ' ').trim());
}
