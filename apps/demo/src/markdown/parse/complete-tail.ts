import remend from 'remend';

/** A last line of markers alone. What it becomes depends on what follows, so that it is shown only then. */
const markersAlone = /(^|\n)[ \t]*(?:[-*_+=#>|:`~$\\]+|\d{1,9}[.)]?)[ \t]*$/;

const markers = new Set('*_~`$\\[]');

const openImage = /^!\[[^\]\n]*(?:\](?:\([^)\n]*)?)?$/;

const tableStart = /(?:^|\n)( {0,3}\|[^\n]+)(?:\n[ \t|:-]*)?$/;

/** Closes what an unfinished block leaves open, so that text does not change its look again when the rest arrives. */
export function completeTail(source: string): string {
  const known = source.replace(markersAlone, '$1');
  const table = tableStart.exec(known);
  if (table?.[1] !== undefined && isFirstRow(known, table.index)) {
    return `${known.slice(0, table.index)}${table.index > 0 ? '\n' : ''}${completeTable(table[1])}`;
  }
  return remend(withoutMarkersAtEnd(withoutOpenImage(known)), {
    linkMode: 'text-only',
    images: false,
    katex: false,
    setextHeadings: false,
    htmlTags: false,
    comparisonOperators: false,
  });
}

function withoutOpenImage(source: string): string {
  const start = source.lastIndexOf('![');
  return start >= 0 && openImage.test(source.slice(start)) ? source.slice(0, start) : source;
}

/** Markers at the end may open or close something. */
function withoutMarkersAtEnd(source: string): string {
  let end = source.length;
  while (end > 0 && markers.has(source[end - 1] ?? '')) end -= 1;
  return source.slice(0, end);
}

/** Leaves out a line that may be the closing fence. */
export function completeCode(source: string): string {
  return source.replace(/\n[ \t]*(?:`+|~+)[ \t]*$/, '\n');
}

/** The line before it is no row of the same table. */
function isFirstRow(source: string, at: number): boolean {
  const before = source.slice(0, at).split('\n').at(-1) ?? '';
  return !before.trimStart().startsWith('|');
}

/** A table needs its second line to be one. */
function completeTable(header: string): string {
  const row = header.trimEnd();
  const cells = splitCells(row);
  return `${row}\n|${' --- |'.repeat(cells)}`;
}

function splitCells(row: string): number {
  const inner = row
    .trim()
    .replace(/^\|/, '')
    .replace(/(?<!\\)\|$/, '');
  return inner.split(/(?<!\\)\|/).length;
}
