import { colorsFor } from './stream-colors.ts';
import { wrapFor } from './word-wrap.ts';

/** Prints one of the command's own messages on stderr. */
export function say(words: string): void {
  process.stderr.write(`${wrapFor(process.stderr, words)}\n`);
}

/** Prints a message of less weight. */
export function sayDim(words: string): void {
  process.stderr.write(`${colorsFor(process.stderr).dim(wrapFor(process.stderr, words))}\n`);
}
