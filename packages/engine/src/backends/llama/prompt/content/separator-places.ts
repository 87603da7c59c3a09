import { withoutStandIn } from '../template/exact-arguments.ts';
import type { Content } from './map-content.ts';
import type { SpecialMarks } from './special-marks.ts';

/** An index in a string where a separator prevents a special token. */
export interface SeparatorPlace {
  /** Characters before the separator. */
  at: number;
  /** The mark that begins one character before; null where a neighbour or the template would complete one. */
  mark: string | null;
}

/** Facts about the prompt on which the places depend. */
export interface PromptFacts {
  marks: SpecialMarks;
  /** Marks that occur in the prompt, from the template or from content. */
  present: readonly string[];
  /** The template's source if it changes texts so that other strings may become marks; else null. */
  changing: string | null;
}

/** Filters and methods that change a text other than by cutting it. */
const changes = /\b(?:lower|upper|capitalize|title|replace|striptags|from_?json)\b/;

export function promptFacts(rendered: string, marks: SpecialMarks, source: string): PromptFacts {
  return {
    marks,
    present: [...new Set(marks.pattern ? rendered.match(marks.pattern) : null)],
    changing: changes.test(source) ? source : null,
  };
}

/**
 * Places after the first character of each mark, and at ends that a neighbour or the template could complete to a mark.
 */
export function separatorPlaces(
  { text, isAnswer }: Content,
  { marks, present, changing }: PromptFacts,
): SeparatorPlace[] {
  const { all, plain, pattern, anywhere, ends, firsts } = marks;
  if (!pattern || !anywhere || !firsts) return [];
  const places = new Map<number, SeparatorPlace>();
  const add = (at: number, mark: string | null = null) => {
    if (!places.has(at)) places.set(at, { at, mark });
  };
  // One search for any mark is much faster than a search for each.
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
  // A template that writes keys as tags turns `s` into `<s>`.
  const lower = trimmed.toLowerCase();
  if (lower !== '' && present.some((mark) => mark.slice(1, -1).toLowerCase().includes(lower))) add(start);
  if (changing !== null) {
    for (const { index, 0: tag } of text.matchAll(firsts)) {
      // The template looks for this tag by name and must find it.
      if (tag.length === 1 || !changing.includes(tag)) add(index + 1);
    }
  }
  return [...places.values()].toSorted((a, b) => a.at - b.at);
}

/** Lengths from two up to `most`. */
function lengths(most: number): number[] {
  return Array.from({ length: Math.max(0, most - 1) }, (_, at) => at + 2);
}
