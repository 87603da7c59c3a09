import { withoutStandIn } from '../template/exact-arguments.ts';
import type { Content } from './map-content.ts';
import type { SpecialMarks } from './special-marks.ts';

/** A place in a string where a seam keeps a special token from coming about. */
export interface SeamPlace {
  /** Characters before it. */
  at: number;
  /** The mark that begins one character before; null where a neighbour or the template would make one. */
  mark: string | null;
}

/** What the places depend on, besides the string. */
export interface PromptFacts {
  marks: SpecialMarks;
  /** Those that the prompt has, whoever wrote them. */
  present: readonly string[];
  /** The template, if it changes what it is given so that other strings may become marks; else null. */
  changing: string | null;
}

/** Filters and methods after which a text is not what it was, other than cut. */
const changes = /\b(?:lower|upper|capitalize|title|replace|striptags|from_?json)\b/;

export function promptFacts(rendered: string, marks: SpecialMarks, source: string): PromptFacts {
  return {
    marks,
    present: [...new Set(marks.pattern ? rendered.match(marks.pattern) : null)],
    changing: changes.test(source) ? source : null,
  };
}

/** Behind the first character of each mark, and at the ends of what a neighbour or the template could make one of. */
export function seamPlaces({ text, isAnswer }: Content, { marks, present, changing }: PromptFacts): SeamPlace[] {
  const { all, plain, pattern, anywhere, ends, firsts } = marks;
  if (!pattern || !anywhere || !firsts) return [];
  const places = new Map<number, SeamPlace>();
  const add = (at: number, mark: string | null = null) => {
    if (!places.has(at)) places.set(at, { at, mark });
  };
  // To look for one is much faster than to look for each.
  const found = text.search(pattern) < 0 ? [] : text.matchAll(anywhere);
  for (const { index, 1: mark = '' } of found) {
    if (!isAnswer || !plain.has(mark)) add(index + 1, mark);
  }
  const start = text.length - text.trimStart().length;
  const trimmed = withoutStandIn(text).trim();
  const end = start + trimmed.length;
  const longestEnd = Math.min((all[0]?.length ?? 0) - 1, trimmed.length);
  if (lengths(longestEnd).some((length) => ends.first.has(trimmed.slice(-length)))) add(end);
  if (lengths(longestEnd).some((length) => ends.last.has(trimmed.slice(0, length)))) add(start);
  // A template that writes keys as tags makes <s> of an s.
  const lower = trimmed.toLowerCase();
  if (lower !== '' && present.some((mark) => mark.slice(1, -1).toLowerCase().includes(lower))) add(start);
  if (changing !== null) {
    for (const { index, 0: tag } of text.matchAll(firsts)) {
      // What the template looks for by name is left for it to find.
      if (tag.length === 1 || !changing.includes(tag)) add(index + 1);
    }
  }
  return [...places.values()].toSorted((a, b) => a.at - b.at);
}

/** Those of two at least. */
function lengths(most: number): number[] {
  return Array.from({ length: Math.max(0, most - 1) }, (_, at) => at + 2);
}
