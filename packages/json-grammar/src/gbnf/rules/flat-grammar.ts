import { charClass, type CodeRange } from '../../gbnf-rules.ts';

/** One step of a rule: a character, or another rule by its place in the list. */
export type Element = { ranges: readonly CodeRange[] } | { rule: number };

/** A rule whose repetitions are written out: the ways to go through it. */
export interface FlatRule {
  /** The rule as it was written that this one is a part of. */
  name: string;
  ways: (readonly Element[])[];
}

/** The first one is where a text begins. */
export type FlatGrammar = readonly FlatRule[];

/** The same in llama.cpp's form; `root` is the first rule. */
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
