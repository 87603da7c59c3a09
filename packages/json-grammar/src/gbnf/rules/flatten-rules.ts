import { refuse } from '../../refuse.ts';
import type { Element, FlatGrammar, FlatRule } from './flat-grammar.ts';
import { grammarBounds } from './grammar-bounds.ts';
import type { GbnfNode, GbnfRule } from './read-gbnf.ts';
import { shareBeginnings } from './share-beginnings.ts';

/**
 * Expands groups and repetitions like llama.cpp, and shares the beginnings of alternatives, so that there are fewer
 * parses.
 *
 * @throws HeadwayError `invalid-request` for too many symbols
 */
export function flattenRules(rules: ReadonlyMap<string, GbnfRule>, field: string): FlatGrammar {
  return new Flattener(rules, field).flatten();
}

class Flattener {
  readonly #rules: ReadonlyMap<string, GbnfRule>;
  readonly #field: string;
  readonly #flat: FlatRule[] = [];
  readonly #places = new Map<string, number>();
  readonly #open: string[] = [];
  #symbols = 0;
  #name = 'root';

  constructor(rules: ReadonlyMap<string, GbnfRule>, field: string) {
    this.#rules = rules;
    this.#field = field;
  }

  flatten(): FlatGrammar {
    this.#placeOf('root');
    for (const name of this.#rules.keys()) this.#placeOf(name);
    for (let name = this.#open.pop(); name !== undefined; name = this.#open.pop()) {
      const rule = this.#rules.get(name);
      if (!rule) throw new Error(`no rule ${name}`);
      this.#name = name;
      this.#fill(this.#placeOf(name), this.#waysOf(rule.body));
    }
    return this.#flat;
  }

  #placeOf(name: string): number {
    const known = this.#places.get(name);
    if (known !== undefined) return known;
    const place = this.#flat.push({ name, ways: [] }) - 1;
    this.#places.set(name, place);
    this.#open.push(name);
    return place;
  }

  #define(ways: (readonly Element[])[]): Element {
    const place = this.#flat.push({ name: this.#name, ways: [] }) - 1;
    this.#fill(place, ways);
    return { rule: place };
  }

  #fill(place: number, ways: (readonly Element[])[]): void {
    const rule = this.#flat[place];
    if (rule) rule.ways = shareBeginnings(ways, (rests) => this.#define(rests));
  }

  #waysOf(node: GbnfNode): (readonly Element[])[] {
    if (node.kind === 'either') return node.ways.flatMap((way) => this.#waysOf(way));
    // A group alone is its alternatives.
    if (node.kind === 'sequence' && node.parts.length === 1 && node.parts[0]) return this.#waysOf(node.parts[0]);
    return [this.#elementsOf(node)];
  }

  #elementsOf(node: GbnfNode): readonly Element[] {
    switch (node.kind) {
      case 'char':
        return this.#count([{ ranges: node.ranges }]);
      case 'rule':
        return this.#count([{ rule: this.#placeOf(node.name) }]);
      case 'sequence':
        return node.parts.flatMap((part) => this.#elementsOf(part));
      case 'either':
        return this.#count([this.#define(this.#waysOf(node))]);
      case 'repeat':
        return this.#repeated(node);
      default:
        return node satisfies never;
    }
  }

  #repeated({ what, least, most }: Extract<GbnfNode, { kind: 'repeat' }>): readonly Element[] {
    if (most === 0) return [];
    const elements = this.#elementsOf(what);
    const once = elements.length === 1 ? elements : [this.#define([elements])];
    const must = Array.from({ length: least }, () => once).flat();
    if (most === Infinity) {
      const again: Element = { rule: this.#flat.push({ name: this.#name, ways: [] }) - 1 };
      this.#fill(again.rule, [[...once, again], []]);
      return this.#count([...must, again]);
    }
    let may: readonly Element[] = [];
    for (let count = least; count < most; count++) may = this.#count([this.#define([[...once, ...may], []])]);
    return this.#count([...must, ...may]);
  }

  #count(elements: readonly Element[]): readonly Element[] {
    for (const element of elements) this.#symbols += 'ranges' in element ? element.ranges.length : 1;
    if (this.#symbols <= grammarBounds.symbols) return elements;
    const most = grammarBounds.symbols.toLocaleString('en');
    throw refuse(this.#field, `comes to more than ${most} symbols with its repetitions; repeat less often`);
  }
}
