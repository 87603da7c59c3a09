import type { FlatGrammar } from './flat-grammar.ts';

/** The rules that contain a nested rule, as brackets within brackets. All other rules have finitely many states. */
export function nestedRules(grammar: FlatGrammar): Set<number> {
  const circleOf = circles(grammar);
  const users = grammar.map((): number[] => []);
  const nested = new Set<number>();
  for (const [rule, { ways }] of grammar.entries()) {
    for (const way of ways) {
      for (const [at, element] of way.entries()) {
        if (!('rule' in element)) continue;
        users[element.rule]?.push(rule);
        const isLast = at === way.length - 1;
        if (!isLast && circleOf[element.rule] === circleOf[rule]) nested.add(rule);
      }
    }
  }
  for (const rule of nested) for (const user of users[rule] ?? []) nested.add(user);
  return nested;
}

/** For each rule, the number of its cycle (Tarjan's strongly connected components). */
function circles(grammar: FlatGrammar): number[] {
  const order = grammar.map(() => -1);
  const low = grammar.map(() => 0);
  const circle = grammar.map(() => -1);
  const path: number[] = [];
  const next = grammar.map(({ ways }) =>
    ways.flatMap((way) => way.flatMap((element) => ('rule' in element ? [element.rule] : []))),
  );
  let count = 0;
  for (const root of grammar.keys()) {
    if (order[root] !== -1) continue;
    const open = [{ rule: root, at: 0 }];
    for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
      const { rule, at } = top;
      if (order[rule] === -1) {
        order[rule] = low[rule] = count++;
        path.push(rule);
      }
      const to = next[rule]?.[at];
      if (to === undefined) {
        open.pop();
        const parent = open.at(-1);
        if (parent) low[parent.rule] = Math.min(low[parent.rule] ?? 0, low[rule] ?? 0);
        if (low[rule] === order[rule]) {
          for (let member = path.pop(); member !== undefined; member = path.pop()) {
            circle[member] = rule;
            if (member === rule) break;
          }
        }
        continue;
      }
      top.at++;
      if (order[to] === -1) open.push({ rule: to, at: 0 });
      else if (circle[to] === -1) low[rule] = Math.min(low[rule] ?? 0, order[to] ?? 0);
    }
  }
  return circle;
}
