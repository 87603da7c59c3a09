import { charClass, type CodeRange } from '../../gbnf-rules.ts';

/** One element of a rule: a character, or another rule by its index. */
export type Element = { ranges: readonly CodeRange[] } | { rule: number };

/** A rule with its repetitions expanded, as a list of alternatives. */
export interface FlatRule {
  /** Name of the source rule that this one is part of. */
  name: string;
  ways: (readonly Element[])[];
}

/** The first rule is the start rule. */
export type FlatGrammar = readonly FlatRule[];

/** The grammar in GBNF; the first rule is called `root`. */
export function writeGbnf(grammar: FlatGrammar): string {
  const nameOf = (at: number) => (at === 0 ? 'root' : `r${at}`);
  const written = (element: Element) => ('rule' in element ? nameOf(element.rule) : charClass(element.ranges));
  return grammar
    .map(({ ways }, at) => {
      const bodies = ways.map((way) => (way.length === 0 ? '""' : way.map(written).join(' ')));
      return `${nameOf(at)} ::= ${bodies.join(' | ')}\n`;
    })
    .join('');
}
