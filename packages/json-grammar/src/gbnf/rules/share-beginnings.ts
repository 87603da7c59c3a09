import type { Element } from './flat-grammar.ts';

type Ways = readonly (readonly Element[])[];

/** Merges alternatives with the same first element; `define` makes a rule of their rests. */
export function shareBeginnings(
  ways: Ways,
  define: (rests: (readonly Element[])[]) => Element,
): (readonly Element[])[] {
  const groups = new Map<string, (readonly Element[])[]>();
  for (const way of ways) {
    const key = JSON.stringify(way[0] ?? null);
    const group = groups.get(key);
    if (group) group.push(way);
    else groups.set(key, [way]);
  }
  return [...groups.values()].map((group) => {
    const [first = []] = group;
    if (group.length === 1 || first.length === 0) return first;
    // Takes the whole common part at once, so that a long one causes no deep nesting.
    let shared = 1;
    while (first[shared] !== undefined && group.every((way) => isSame(way[shared], first[shared]))) shared++;
    const rests = group.map((way) => way.slice(shared));
    const isOne = rests.every((rest) => rest.length === 0);
    return isOne ? first : [...first.slice(0, shared), define(rests)];
  });
}

function isSame(one: Element | undefined, other: Element | undefined): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}
