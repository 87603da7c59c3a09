/** A column with less has no room for most words. */
const leastWidth = 8;

/**
 * The widths of columns that together may have `room`: as wide as their text, else the widest give way first. Null if
 * some would get too little for words.
 */
export function columnWidths(natural: readonly number[], room: number): number[] | null {
  const least = natural.map((width) => Math.min(width, leastWidth));
  if (sum(least) > room) return null;
  if (sum(natural) <= room) return [...natural];
  // The widest may have the most width with which all fit.
  let most = Math.max(...natural);
  const cut = () => natural.map((width) => Math.min(width, Math.max(leastWidth, most)));
  while (sum(cut()) > room) most -= 1;
  const widths = cut();
  // What is left over by cutting several at once goes to the first of them.
  let left = room - sum(widths);
  return widths.map((width, at) => {
    if (left === 0 || width >= (natural[at] ?? 0)) return width;
    left -= 1;
    return width + 1;
  });
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
