import { charClass, literal, type CodeRange, type GbnfRules } from '../gbnf-rules.ts';
import { defineString, plainRanges } from './write-string.ts';

interface Letter {
  /** Whether a name ends here. */
  ends: boolean;
  readonly next: Map<number, Letter>;
}

/**
 * A property's name, with its quotes, that is none of these. It has no escapes, so no other spelling of these names is
 * possible.
 */
export function defineExtraName(rules: GbnfRules, taken: readonly string[]): string {
  if (taken.length === 0) return defineString(rules, 0, Infinity);
  const root: Letter = { ends: false, next: new Map() };
  for (const name of taken) {
    let letter = root;
    for (const char of name) {
      const code = char.codePointAt(0) ?? 0;
      const next = letter.next.get(code) ?? { ends: false, next: new Map() };
      letter.next.set(code, next);
      letter = next;
    }
    letter.ends = true;
  }
  const plain = rules.define('plain', charClass(plainRanges));
  return rules.define('name', `"\\"" ${defineRest(rules, root, plain)} "\\""`);
}

/** What may follow these letters. Deepest first and without recursion, as names may be long. */
function defineRest(rules: GbnfRules, root: Letter, plain: string): string {
  const letters = [root];
  for (const letter of letters) letters.push(...letter.next.values());
  const written = new Map<Letter, string>();
  for (const letter of letters.reverse()) {
    const ways = letter.ends ? [] : ['""'];
    const other = without(plainRanges, [...letter.next.keys()]);
    if (other.length > 0) ways.push(`${charClass(other)} ${plain}*`);
    for (const [code, next] of letter.next) {
      // A character that needs an escape cannot follow.
      if (!isPlain(code)) continue;
      ways.push(`${literal(String.fromCodePoint(code))} ${written.get(next) ?? ''}`);
    }
    written.set(letter, rules.define('rest', ways.join(' | ')));
  }
  return written.get(root) ?? '';
}

function isPlain(code: number): boolean {
  return plainRanges.some(([first, last]) => code >= first && code <= last);
}

function without(ranges: readonly CodeRange[], codes: readonly number[]): CodeRange[] {
  let left = [...ranges];
  for (const code of codes) {
    left = left.flatMap(([first, last]): CodeRange[] => {
      if (code < first || code > last) return [[first, last]];
      const sides: CodeRange[] = [
        [first, code - 1],
        [code + 1, last],
      ];
      return sides.filter(([from, to]) => from <= to);
    });
  }
  return left;
}
