import { refuse } from '../refuse.ts';
import { writeGbnf, type Element, type FlatRule } from './rules/flat-grammar.ts';
import { shareBeginnings } from './rules/share-beginnings.ts';
import { writableChars } from './rules/writable-chars.ts';

/**
 * Compiles a list of texts to a grammar with one parse for each.
 *
 * @throws HeadwayError `invalid-request`, naming the text that no model can write
 */
export function compileChoices(choices: readonly string[], field: string): string {
  const rules: FlatRule[] = [];
  const define = (ways: (readonly Element[])[]): Element => {
    const rule: FlatRule = { name: 'root', ways: [] };
    const place = rules.push(rule) - 1;
    rule.ways = shareBeginnings(ways, define);
    return { rule: place };
  };
  define(choices.map((choice, at) => Array.from(choice, (char) => elementOf(char, `${field}[${at}]`))));
  return writeGbnf(rules);
}

function elementOf(char: string, field: string): Element {
  const code = char.codePointAt(0) ?? 0;
  if (writableChars.some(([first, last]) => code >= first && code <= last)) return { ranges: [[code, code]] };
  throw refuse(field, 'has a character that a text cannot contain (U+0000, or half of a surrogate pair); remove it');
}
