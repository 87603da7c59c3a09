import { repeat, type GbnfRules } from '../gbnf-rules.ts';
import { itemsPossible, type ArrayShape, type ShapeNode } from '../shapes/shape.ts';
import { defineComma } from './write-object.ts';

/** An array with its number of items, each of the first ones by its own node. */
export function defineArray(rules: GbnfRules, shape: ArrayShape, nameOf: (node: ShapeNode) => string): string {
  const { prefix, rest, minItems } = shape;
  const most = itemsPossible(shape);
  const comma = defineComma(rules);
  const places = prefix.slice(0, most).map(nameOf);
  const item = rest !== null && most > places.length ? nameOf(rest) : null;

  // Backwards: `after` is what follows an item.
  let after = '';
  if (item !== null) {
    const further = rules.define('further', `${comma} ${item}`);
    const written = Math.max(places.length, 1);
    if (most > written) after = repeat(further, Math.max(0, minItems - written), most - written);
  }
  for (let count = places.length - 1; count >= 1; count--) {
    const next = `${comma} ${places[count]} ${after}`.trimEnd();
    after = minItems > count ? next : rules.optional('more', next);
  }
  const first = places[0] ?? item;
  if (first === null || most === 0) return rules.define('array', '"[]"');
  const items = `${first} ${after}`.trimEnd();
  return rules.define('array', `"[" ${minItems > 0 ? items : rules.optional('items', items)} "]"`);
}
