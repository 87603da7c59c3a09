import { schemaBounds } from '../bounds.ts';
import { literal, type GbnfRules } from '../gbnf-rules.ts';
import { refuse } from '../refuse.ts';
import type { ObjectShape, ShapeNode } from '../shapes/shape.ts';
import { defineExtraName } from './write-extra-name.ts';

/** One space at most, here and after a colon: where more is allowed, a small model writes it for ever. */
export function defineComma(rules: GbnfRules): string {
  return rules.define('comma', '"," " "?');
}

/**
 * An object with its properties in order, those not required written or left out, then the others. Two rules a
 * property: what may follow when one was written, and how it goes on from the next.
 */
export function defineObject(
  rules: GbnfRules,
  { properties: all, extra }: ObjectShape,
  { nameOf, path }: { nameOf: (node: ShapeNode) => string; path: string },
): string {
  const comma = defineComma(rules);
  const properties = [...all].filter(([, { node }]) => node.fillable);
  let further = '';
  let next = '';
  if (extra?.fillable) {
    // A name that nothing fits is taken as well: it must not be there.
    const name = defineExtraName(rules, [...all.keys()]);
    const pair = rules.define('pair', `${name} ":" " "? ${nameOf(extra)}`);
    further = `${rules.define('others', `${comma} ${pair}`)}*`;
    next = `${pair} ${further}`;
  }
  // Backwards: `next` goes on from this property, `further` is what may follow it; `open` if all of it may be left out.
  let open = true;
  let run = 0;
  for (const [name, { node, required }] of properties.toReversed()) {
    const pair = rules.define('property', `${literal(`${JSON.stringify(name)}:`)} " "? ${nameOf(node)}`);
    const written = `${pair} ${further}`.trimEnd();
    run = required ? 0 : run + 1;
    if (run > schemaBounds.optionalRun) {
      throw refuse(
        path,
        `has more than ${schemaBounds.optionalRun} optional properties in a row; require some of them`,
      );
    }
    next = required || next === '' ? written : `${written} | ${rules.define('next', next)}`;
    open &&= !required;
    const rest = `${comma} ${next.includes(' | ') ? rules.define('next', next) : next}`;
    further = open ? rules.optional('further', rest) : rules.define('further', rest);
  }
  if (next === '') return rules.define('object', '"{}"');
  return rules.define('object', `"{" ${open ? rules.optional('properties', next) : rules.define('next', next)} "}"`);
}
