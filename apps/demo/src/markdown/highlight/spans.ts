import type { createLowlight } from 'lowlight';

type Tree = ReturnType<ReturnType<typeof createLowlight>['highlight']>;

/** A part of code: its class (empty for plain text), and its length in characters. */
export type Span = readonly [name: string, length: number];

/** Flattens a highlighted tree: of nested classes, the innermost counts. */
export function toSpans(root: Tree): Span[] {
  const spans: Span[] = [];
  const add = (nodes: readonly Tree['children'][number][], name: string) => {
    for (const node of nodes) {
      if (node.type === 'text') push(spans, name, node.value.length);
      else if (node.type === 'element') add(node.children, classOf(node.properties['className']) ?? name);
    }
  };
  add(root.children, '');
  return spans;
}

function push(spans: Span[], name: string, length: number): void {
  const before = spans.at(-1);
  if (before?.[0] === name) spans[spans.length - 1] = [name, before[1] + length];
  else if (length > 0) spans.push([name, length]);
}

function classOf(classes: unknown): string | undefined {
  const first: unknown = Array.isArray(classes) ? classes[0] : undefined;
  return typeof first === 'string' ? first.replace(/^hljs-/, '') : undefined;
}

/** Cuts spans at the ends of chunks, given by their lengths. */
export function cutSpans(spans: readonly Span[], lengths: readonly number[]): Span[][] {
  let at = 0;
  let left = spans[0]?.[1] ?? 0;
  return lengths.map((length) => {
    const own: Span[] = [];
    let wanted = length;
    for (let span = spans[at]; wanted > 0 && span; span = spans[at]) {
      const taken = Math.min(wanted, left);
      if (taken > 0) own.push([span[0], taken]);
      wanted -= taken;
      left -= taken;
      if (left === 0) left = spans[++at]?.[1] ?? 0;
    }
    return own;
  });
}
