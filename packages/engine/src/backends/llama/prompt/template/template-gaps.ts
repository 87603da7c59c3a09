/** A node of a parsed template. The interpreter dispatches on `type` only. */
interface Node {
  type: string;
  [field: string]: unknown;
}

/** A runtime value of the interpreter. */
interface Value {
  type: string;
  value: unknown;
}

/** Names with a space, which no template can use, so it can neither call nor shadow these functions. */
const names = { append: ' append', pop: ' pop', least: ' min', most: ' max', repr: ' repr' };

/** Filters that give an empty text for an undefined value. */
const ofTexts = new Set(['upper', 'lower', 'capitalize', 'title', 'trim']);

/** Functions that rewritten templates call. Every render must pass them in. */
export const gapFunctions: Readonly<Record<string, unknown>> = {
  [names.append]: (list: Value[], [value]: [Value]) => {
    list.push(value);
    return null;
  },
  [names.pop]: (list: Value[], at = -1) => {
    const [value] = list.splice(at, 1);
    return value === undefined ? null : plain(value);
  },
  [names.least]: (list: Value[]) => Math.min(...list.map(({ value }) => Number(value))),
  [names.most]: (list: Value[]) => Math.max(...list.map(({ value }) => Number(value))),
  [names.repr]: ([value]: [Value]) => repr(value),
};

/**
 * Rewrites, in place, what published templates use and `@huggingface/jinja` 0.5 lacks: `append` and `pop` of lists, the
 * filters `min`, `max` and, for objects, `string`, loops over tuples, `items` of objects with a field of that name,
 * `in` with an undefined left side, and text filters on undefined values.
 */
export function fillTemplateGaps(parsed: unknown): void {
  if (Array.isArray(parsed)) for (const one of parsed) fillTemplateGaps(one);
  else if (parsed instanceof Map) for (const pair of parsed) fillTemplateGaps(pair);
  else if (isNode(parsed)) {
    for (const one of Object.values(parsed)) if (typeof one === 'object') fillTemplateGaps(one);
    rewrite(parsed);
  }
}

function rewrite(node: Node): void {
  const { callee, filter, operand, iterable, loopvar } = node;
  if (node.type === 'CallExpression' && isNode(callee) && callee.type === 'MemberExpression' && !callee.computed) {
    const method = nameOf(callee.property);
    const args = Array.isArray(node.args) ? node.args : [];
    if (method === 'append' && args.length === 1) become(node, names.append, [callee.object, listOf(args)]);
    else if (method === 'items' && args.length === 0)
      Object.assign(node, { type: 'FilterExpression', operand: callee.object, filter: identifier('items') });
    else if (method === 'pop' && args.length < 2) become(node, names.pop, [callee.object, ...args]);
  } else if (node.type === 'FilterExpression') {
    const name = nameOf(filter);
    if (name === 'min' || name === 'max') {
      become(node, name === 'min' ? names.least : names.most, [operand]);
    } else if (name === 'string' && isName(operand)) {
      const original = { ...node };
      const written: Node = { type: 'CallExpression' };
      become(written, names.repr, [listOf([operand])]);
      Object.assign(node, {
        type: 'Ternary',
        condition: { type: 'TestExpression', operand, negate: false, test: identifier('mapping') },
        trueExpr: written,
        falseExpr: original,
      });
    } else if (typeof name === 'string' && ofTexts.has(name) && isName(operand)) {
      const original = { ...node };
      const isThere: Node = { type: 'TestExpression', operand, negate: false, test: identifier('defined') };
      const empty: Node = { type: 'StringLiteral', value: '' };
      Object.assign(node, { type: 'Ternary', condition: isThere, trueExpr: original, falseExpr: empty });
    }
  } else if (node.type === 'BinaryExpression' && isName(node.left)) {
    const { value: operator } = node.operator as { value: unknown };
    if (operator !== 'in' && operator !== 'not in') return;
    const original = { ...node };
    const isNone: Node = { type: 'TestExpression', operand: node.left, negate: false, test: identifier('none') };
    const found = identifier(operator === 'in' ? 'false' : 'true');
    Object.assign(node, { type: 'Ternary', condition: isNone, trueExpr: found, falseExpr: original });
  } else if (node.type === 'For' && isNode(loopvar) && loopvar.type === 'TupleLiteral' && isNode(iterable)) {
    for (const one of Array.isArray(iterable.value) ? iterable.value : []) {
      if (isNode(one) && one.type === 'TupleLiteral') one.type = 'ArrayLiteral';
    }
  }
}

/** The operand is evaluated twice, so it must have no side effects. */
function isName(node: unknown): node is Node {
  return isNode(node) && (node.type === 'Identifier' || node.type === 'MemberExpression');
}

function become(node: Node, name: string, args: unknown[]): void {
  Object.assign(node, { type: 'CallExpression', callee: identifier(name), args });
}

/** Wraps values in a list: a bare value would lose its type when it is passed. */
function listOf(value: unknown[]): Node {
  return { type: 'ArrayLiteral', value };
}

function identifier(value: string): Node {
  return { type: 'Identifier', value };
}

function nameOf(node: unknown): unknown {
  return isNode(node) && node.type === 'Identifier' ? node.value : undefined;
}

function isNode(node: unknown): node is Node {
  return typeof node === 'object' && node !== null && 'type' in node && typeof node.type === 'string';
}

function isValue(value: unknown): value is Value {
  return isNode(value) && 'value' in value;
}

function plain(value: unknown): unknown {
  if (!isValue(value)) return value;
  const { value: content } = value;
  if (Array.isArray(content)) return content.map(plain);
  if (content instanceof Map) return Object.fromEntries([...content].map(([key, one]) => [key, plain(one)]));
  return content;
}

/** A value in Python's notation. */
function repr(value: unknown): string {
  const content = isValue(value) ? value.value : value;
  if (Array.isArray(content)) return `[${content.map(repr).join(', ')}]`;
  if (content instanceof Map) return `{${[...content].map(([key, one]) => `${repr(key)}: ${repr(one)}`).join(', ')}}`;
  if (typeof content === 'string') return reprOfText(content);
  if (typeof content === 'boolean') return content ? 'True' : 'False';
  return content === null || content === undefined ? 'None' : String(value);
}

function reprOfText(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t')
    .replaceAll(quote, `\\${quote}`);
  return quote + escaped + quote;
}
