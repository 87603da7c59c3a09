import type { CodeRange } from '../../gbnf-rules.ts';
import { anyChar } from '../../text/language.ts';

/** The characters that a token can have: llama.cpp ends a text at U+0000. */
export const writableChars: readonly CodeRange[] = anyChar.map(([first, last]) => [Math.max(first, 1), last]);
