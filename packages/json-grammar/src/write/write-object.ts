import { schemaBounds } from '../bounds.ts';
import { literal, type GbnfRules } from '../gbnf-rules.ts';
import { refuse } from '../refuse.ts';
import type { ObjectShape, ShapeNode } from '../shapes/shape.ts';
import { defineExtraName } from './write-extra-name.ts';

/** At most one space, here and after a colon: where more is allowed, a small model writes spaces for ever. */
export function defineComma(rules: GbnfRules): string {
  return rules.define('comma', '"," " "?');
}

/**
 * An object with its properties in order, the optional ones written or not, then other names. Two rules a property:
 * what may follow it, and how the object continues with the next.
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
    // A name that no value fits is taken, too: it must not occur.
    const name = defineExtraName(rules, [...all.keys()]);
    const pair = rules.define('pair', `${name} ":" " "? ${nameOf(extra)}`);
    further = `${rules.define('others', `${comma} ${pair}`)}*`;
    next = `${pair} ${further}`;
  }
  // Backwards: `next` continues with this property, `further` may follow it; `open`: all of it is optional.
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
