import { charClass, repeat, type CodeRange, type GbnfRules } from '../gbnf-rules.ts';

/**
 * Characters of a JSON string without an escape: no quote, backslash, control character or surrogate. U+007F to U+009F
 * are left out, too, as no text means them.
 */
export const plainRanges: readonly CodeRange[] = [
  [0x20, 0x21],
  [0x23, 0x5b],
  [0x5d, 0x7e],
  [0xa0, 0xd7ff],
  [0xe000, 0x10ffff],
];

/** One code point of a string, which is the unit of `minLength`, in any spelling. */
function defineChar(rules: GbnfRules): string {
  const hex = rules.define('hex', '[0-9A-Fa-f]');
  const high = `[Dd] [89ABab] ${hex} ${hex}`;
  const low = `[Dd] [C-Fc-f] ${hex} ${hex}`;
  const unpaired = `[0-9A-CEFa-cef] ${hex} ${hex} ${hex} | [Dd] [0-7] ${hex} ${hex}`;
  const code = rules.define('code', `${unpaired} | ${high} "\\\\u" ${low}`);
  const escape = rules.define('escape', `["\\\\/bfnrt] | "u" ${code}`);
  return rules.define('char', `${charClass(plainRanges)} | "\\\\" ${escape}`);
}

/** A string of a range of lengths, with its quotes. */
export function defineString(rules: GbnfRules, minLength: number, maxLength: number): string {
  if (maxLength === 0) return rules.define('empty', '"\\"\\""');
  const chars = repeat(defineChar(rules), minLength, maxLength);
  return rules.define('string', `"\\"" ${chars} "\\""`);
}
