import type { CodeRange } from '../../gbnf-rules.ts';

/** Characters that the same readers read. */
export interface CharSection {
  range: CodeRange;
  /** Indices of these readers, at least one. */
  readers: number[];
}

/** Splits the characters of all readers into sections, of which each reader reads all or none. */
export function charSections(readers: readonly (readonly CodeRange[])[]): CharSection[] {
  const bounds = new Set(readers.flat().flatMap(([first, last]) => [first, last + 1]));
  const cuts = [...bounds].sort((a, b) => a - b);
  const sectionAt = new Map(cuts.map((first, at) => [first, at]));
  const sections = cuts.map((first, at): CharSection => ({ range: [first, (cuts[at + 1] ?? first) - 1], readers: [] }));
  for (const [reader, ranges] of readers.entries()) {
    for (const [first, last] of ranges) {
      const end = sectionAt.get(last + 1) ?? 0;
      for (let at = sectionAt.get(first) ?? 0; at < end; at++) sections[at]?.readers.push(reader);
    }
  }
  return sections.filter((section) => section.readers.length > 0);
}
