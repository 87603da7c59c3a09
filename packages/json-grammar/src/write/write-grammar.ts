import { literal, GbnfRules } from '../gbnf-rules.ts';
import { isFillable, type NumberShape, type Shape, type ShapeNode } from '../shapes/shape.ts';
import type { State } from '../text/automaton.ts';
import { defineAutomaton } from '../text/write-automaton.ts';
import { defineArray } from './write-array.ts';
import { defineInteger } from './write-integer.ts';
import { defineObject } from './write-object.ts';
import { defineString } from './write-string.ts';
import { defineTexts } from './write-values.ts';

export interface WriteOptions {
  field: string;
  /** Text after the value. */
  suffix: string;
}

/** The rules for all values of a node, which must be fillable. */
export function writeGrammar(root: ShapeNode, { field, suffix }: WriteOptions): string {
  const rules = new GbnfRules(field);
  const names = new Map<ShapeNode, string>();
  const unwritten: { node: ShapeNode; name: string }[] = [];

  // A node gets its name before its body, as the body may refer to it.
  const nameOf = (node: ShapeNode): string => {
    const known = names.get(node);
    if (known !== undefined) return known;
    const leaf = node.shapes.every(({ kind }) => kind !== 'array' && kind !== 'object');
    const name = leaf ? rules.define('leaf', bodyOf(node)) : rules.reserve('json');
    names.set(node, name);
    if (!leaf) unwritten.push({ node, name });
    return name;
  };

  const bodyOf = (node: ShapeNode): string => {
    const shapes = node.shapes.filter(isFillable);
    // All values together, so that a common beginning is written once.
    const values = shapes.flatMap((shape) => (shape.kind === 'values' ? shape.values : []));
    const others = shapes.filter(({ kind }) => kind !== 'values');
    const written: Shape[] = values.length === 0 ? others : [{ kind: 'values', values }, ...others];
    return [...new Set(written.map((shape) => defineShape(shape, node.path)))].join(' | ');
  };

  const defineShape = (shape: Shape, path: string): string => {
    switch (shape.kind) {
      case 'values':
        return defineTexts(
          rules,
          shape.values.map((value) => JSON.stringify(value)),
        );
      case 'number':
        return defineNumber(shape);
      case 'string':
        if (shape.text === null) return defineString(rules, shape.minLength, shape.maxLength);
        return rules.define('string', `"\\"" ${defineStates('text', shape.text)} "\\""`);
      case 'array':
        return defineArray(rules, shape, nameOf);
      case 'object':
        return defineObject(rules, shape, { nameOf, path });
      default:
        return shape satisfies never;
    }
  };

  const automata = new Map<State, string>();
  const defineStates = (hint: string, first: State): string => {
    const name = automata.get(first) ?? defineAutomaton(rules, hint, first);
    automata.set(first, name);
    return name;
  };

  const defineNumber = ({ integer, minimum, maximum, path, digits }: NumberShape): string => {
    if (digits !== null) return defineStates('digits', digits);
    if (integer) return defineInteger(rules, minimum, maximum, path);
    // Few enough digits for a finite number in every parser.
    const whole = '"-"? ("0" | [1-9] [0-9]{0,14})';
    return rules.define('number', `${whole} ("." [0-9]{1,15})? ([Ee] [+\\x2D]? [0-9]{1,2})?`);
  };

  const start = rules.reserve('root');
  const value = nameOf(root);
  for (let next = unwritten.pop(); next !== undefined; next = unwritten.pop()) rules.fill(next.name, bodyOf(next.node));
  rules.fill(start, suffix === '' ? value : `${value} ${literal(suffix)}`);
  return rules.toString();
}
