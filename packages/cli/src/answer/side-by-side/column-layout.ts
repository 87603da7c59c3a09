/** A narrower column breaks too many words. */
export const leastColumn = 24;
/** Columns between two answers: a blank, a line and a blank. */
export const between = 3;

/** The width of each of `count` columns in a window of `columns`; null where they would be too narrow to read. */
export function columnWidth(count: number, columns: number): number | null {
  // Terminals differ in how they wrap at the last column, so it stays free.
  const width = Math.floor((columns - 1 - between * (count - 1)) / count);
  return width >= leastColumn ? width : null;
}
