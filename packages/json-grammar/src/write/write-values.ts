import { literal, type GbnfRules } from '../gbnf-rules.ts';

interface Branch {
  /** Whether a text ends here. */
  ends: boolean;
  readonly next: Map<string, Branch>;
}

/**
 * One of these texts. Common beginnings are written once: llama.cpp tries each open alternative for each token, so a
 * thousand texts that differ only in their last letter would be slow.
 */
export function defineTexts(rules: GbnfRules, texts: Iterable<string>): string {
  const root: Branch = { ends: false, next: new Map() };
  const branches = [root];
  for (const text of texts) {
    let branch = root;
    for (const char of text) {
      let next = branch.next.get(char);
      if (next === undefined) {
        next = { ends: false, next: new Map() };
        branches.push(next);
        branch.next.set(char, next);
      }
      branch = next;
    }
    branch.ends = true;
  }
  // A branch is created before its successors, so the reverse order finds each successor defined.
  const bodies = new Map<Branch, string>();
  for (const branch of branches.reverse()) {
    if (branch === root || !isWay(branch)) bodies.set(branch, bodyOf(rules, branch, bodies));
  }
  return rules.define('value', bodies.get(root) ?? '');
}

/** Whether there is only one continuation, which is then written with what comes before. */
function isWay({ ends, next }: Branch): boolean {
  return !ends && next.size === 1;
}

function bodyOf(rules: GbnfRules, { ends, next }: Branch, bodies: ReadonlyMap<Branch, string>): string {
  const ways = [...next].map(([first, after]) => {
    let [text, branch] = [first, after];
    while (isWay(branch)) for (const [char, further] of branch.next) [text, branch] = [text + char, further];
    return `${literal(text)} ${bodies.get(branch) ?? ''}`.trimEnd();
  });
  if (ways.length === 0) return '';
  if (ends) return rules.optional('more', ways.join(' | '));
  return ways.length === 1 ? ways.join('') : rules.define('choice', ways.join(' | '));
}
