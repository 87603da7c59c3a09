import { LlamaVocabularyType, type LlamaModel, type Token } from 'node-llama-cpp';

/** Marks: the texts of tokens that llama.cpp parses as special tokens instead of as words. */
export interface SpecialMarks {
  /** All that look like marks, longest first. */
  readonly all: readonly string[];
  /**
   * Added tokens that are not special, often the tags of thoughts and calls. In the model's own answers they are
   * genuine.
   */
  readonly plain: ReadonlySet<string>;
  /** Marks that llama.cpp parses as tokens even without `parse_special`. */
  readonly always: ReadonlySet<string>;
  /** Marks that swallow the white space after them, in files of Phi-3. */
  readonly spaceEating: ReadonlySet<string>;
  /** Finds any mark; null when there are none. */
  readonly pattern: RegExp | null;
  /** Finds where each mark begins, also inside and across other marks; the first group is the longest one there. */
  readonly anywhere: RegExp | null;
  /** Finds the first character of any mark, in either case, and the rest of the tag if there is one. */
  readonly firsts: RegExp | null;
  /** Proper beginnings and ends of marks, of two characters at least. */
  readonly ends: { readonly first: ReadonlySet<string>; readonly last: ReadonlySet<string> };
}

const known = new WeakMap<LlamaModel, SpecialMarks>();

/** Iterates over the vocabulary, once for each model. */
export function specialMarks(model: LlamaModel): SpecialMarks {
  const before = known.get(model);
  if (before) return before;
  const all = new Set<string>();
  const plain = new Set<string>();
  const always = new Set<string>();
  const spaceEating = new Set<string>();
  for (const token of model.iterateAllTokens()) {
    const { control, unknown, userDefined, rstrip } = model.getTokenAttributes(token);
    if (!control && !unknown && !userDefined) continue;
    const text = model.detokenize([token], true);
    if (text.length < 2 || (userDefined && !isTag.test(text))) continue;
    all.add(text);
    if (userDefined) plain.add(text);
    if (userDefined || isMerged(model, token, text)) always.add(text);
    if (rstrip) spaceEating.add(text);
  }
  const marks = marksOf(all, { plain, always, spaceEating });
  known.set(model, marks);
  return marks;
}

const knownEnds = new WeakMap<LlamaModel, readonly string[]>();

/** The texts of tokens that end an answer. Iterates over the vocabulary, once for each model. */
export function endMarks(model: LlamaModel): readonly string[] {
  const before = knownEnds.get(model);
  if (before) return before;
  const ends: string[] = [];
  for (const token of model.iterateAllTokens()) if (model.isEogToken(token)) ends.push(model.detokenize([token], true));
  knownEnds.set(model, ends);
  return ends;
}

/** Some vocabularies also have user-defined tokens for runs of spaces and for words, which are text. */
const isTag = /^(?:[<[◁].*[>\]▷|]|\|.*\p{L}.*\|)$/su;

/** SentencePiece merges pieces into any token of the same text. After a line break it inserts no space. */
function isMerged(model: LlamaModel, token: Token, text: string): boolean {
  return (
    model.vocabularyType === LlamaVocabularyType.spm && model.tokenize(text, false, 'trimLeadingSpace').includes(token)
  );
}

export function marksOf(
  all: ReadonlySet<string>,
  { plain, always = plain, spaceEating = new Set() }: Pick<SpecialMarks, 'plain'> & Partial<SpecialMarks>,
): SpecialMarks {
  const sorted = [...all].toSorted((a, b) => b.length - a.length);
  const any = sorted.map(escaped).join('|');
  const initials = [...new Set(sorted.map((mark) => escaped(mark.slice(0, 1))))].join('|');
  const expression = (source: string, flags = 'g') => (sorted.length > 0 ? new RegExp(source, flags) : null);
  const ends = { first: new Set<string>(), last: new Set<string>() };
  for (const mark of sorted) {
    for (let length = 2; length < mark.length; length++) {
      ends.first.add(mark.slice(0, length));
      ends.last.add(mark.slice(-length));
    }
  }
  return {
    all: sorted,
    plain,
    always,
    spaceEating,
    pattern: expression(any),
    anywhere: expression(`(?=(${any}))`),
    firsts: expression(`(?:${initials})(?:[^<>[\\]]{0,40}[>\\]])?`, 'gi'),
    ends,
  };
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
