import { asIs, type Paint } from '../terminal/drawing/paint.ts';
import type { colorsFor } from '../terminal/stream-colors.ts';
import type { Mark } from './inline-span.ts';

/** How the parts of an answer look. */
export interface MarkdownStyles {
  marks: Readonly<Record<Mark, Paint>>;
  /** A heading of the level 1 or 2. */
  title: Paint;
  /** A heading of a lower level. */
  heading: Paint;
  code: Paint;
  /** What is drawn in place of marks: bullets, a quote's bar, rules, fences, a table's lines. */
  drawn: Paint;
}

export function markdownStyles(colors: ReturnType<typeof colorsFor>): MarkdownStyles {
  const { bold, italic, strikethrough, underline, cyan, dim } = colors;
  return {
    marks: { strong: bold, emphasis: italic, deleted: strikethrough, code: cyan, address: dim },
    title: (text) => bold(underline(text)),
    heading: bold,
    code: cyan,
    drawn: dim,
  };
}

/** One paint for each set of marks, so that neighbours in one style are known by it. */
export function createMarkPaints({ marks }: MarkdownStyles): (of: readonly Mark[], base?: Paint) => Paint {
  const paints = new Map<Paint, Map<string, Paint>>();
  return (of, base = asIs) => {
    const known = paints.get(base) ?? new Map<string, Paint>();
    paints.set(base, known);
    const names = [...new Set(of)];
    const key = names.join();
    const paint = known.get(key) ?? names.reduce<Paint>((outer, mark) => over(outer, marks[mark]), base);
    known.set(key, paint);
    return paint;
  };
}

function over(outer: Paint, inner: Paint): Paint {
  return outer === asIs ? inner : (text) => outer(inner(text));
}
