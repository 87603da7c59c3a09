import type { LlamaModel } from 'node-llama-cpp';

/** How tokens are written that llama.cpp reads as such, instead of as the words they are written in. */
export interface SpecialMarks {
  /** All of them that look like marks, long ones first. */
  readonly all: readonly string[];
  /** Those that llama.cpp reads as tokens even where it is told to read no special ones. */
  readonly always: ReadonlySet<string>;
  /** Finds any of them; null when there are none. */
  readonly pattern: RegExp | null;
  /** What they begin and end with, of two characters at least, without the whole ones. */
  readonly ends: { readonly first: ReadonlySet<string>; readonly last: ReadonlySet<string> };
}

const known = new WeakMap<LlamaModel, SpecialMarks>();

/** Walks over the vocabulary, once for each model. */
export function specialMarks(model: LlamaModel): SpecialMarks {
  const before = known.get(model);
  if (before) return before;
  const all = new Set<string>();
  const always = new Set<string>();
  for (const token of model.iterateAllTokens()) {
    const { control, unknown, userDefined } = model.getTokenAttributes(token);
    if (!control && !unknown && !userDefined) continue;
    const text = model.detokenize([token], true);
    // Runs of spaces and words are text, though some vocabularies have tokens of the user's for them.
    if (text.length < 2 || (userDefined && !/^[<[].*[>\]|]$/s.test(text))) continue;
    all.add(text);
    if (userDefined) always.add(text);
  }
  const marks = marksOf(all, always);
  known.set(model, marks);
  return marks;
}

const knownEnds = new WeakMap<LlamaModel, readonly string[]>();

/** How the tokens are written that end an answer. Walks over the vocabulary, once for each model. */
export function endMarks(model: LlamaModel): readonly string[] {
  const before = knownEnds.get(model);
  if (before) return before;
  const ends: string[] = [];
  for (const token of model.iterateAllTokens()) if (model.isEogToken(token)) ends.push(model.detokenize([token], true));
  knownEnds.set(model, ends);
  return ends;
}

export function marksOf(all: ReadonlySet<string>, always: ReadonlySet<string>): SpecialMarks {
  const sorted = [...all].toSorted((a, b) => b.length - a.length);
  const pattern = sorted.length > 0 ? new RegExp(sorted.map(escaped).join('|'), 'g') : null;
  const ends = { first: new Set<string>(), last: new Set<string>() };
  for (const mark of sorted) {
    for (let length = 2; length < mark.length; length++) {
      ends.first.add(mark.slice(0, length));
      ends.last.add(mark.slice(-length));
    }
  }
  return { all: sorted, always, pattern, ends };
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
