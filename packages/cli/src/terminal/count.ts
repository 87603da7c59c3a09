/** Formats a number with its noun: `1 core`, `2,048 tokens`. */
export function count(number: number, noun: string): string {
  return `${number.toLocaleString('en')} ${noun}${number === 1 ? '' : 's'}`;
}
