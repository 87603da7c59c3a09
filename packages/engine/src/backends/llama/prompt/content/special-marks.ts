import { LlamaVocabularyType, type LlamaModel, type Token } from 'node-llama-cpp';

/** How tokens are written that llama.cpp reads as such, instead of as the words they are written in. */
export interface SpecialMarks {
  /** All of them that look like marks, long ones first. */
  readonly all: readonly string[];
  /** Added tokens that are not special, as the tags of thoughts and calls often are; a model's own where it wrote them. */
  readonly plain: ReadonlySet<string>;
  /** Those that llama.cpp makes tokens of even where it is told to read no special ones. */
  readonly always: ReadonlySet<string>;
  /** Those that eat the white space behind them, in files of Phi-3. */
  readonly hungry: ReadonlySet<string>;
  /** Finds any of them; null when there are none. */
  readonly pattern: RegExp | null;
  /** Finds where each begins, those within and across others too; the longest there is its first group. */
  readonly anywhere: RegExp | null;
  /** Finds what any of them begins with, in either case, and the tag that begins so, if it is one. */
  readonly firsts: RegExp | null;
  /** What they begin and end with, of two characters at least, without the whole ones. */
  readonly ends: { readonly first: ReadonlySet<string>; readonly last: ReadonlySet<string> };
}

const known = new WeakMap<LlamaModel, SpecialMarks>();

/** Walks over the vocabulary, once for each model. */
export function specialMarks(model: LlamaModel): SpecialMarks {
  const before = known.get(model);
  if (before) return before;
  const all = new Set<string>();
  const plain = new Set<string>();
  const always = new Set<string>();
  const hungry = new Set<string>();
  for (const token of model.iterateAllTokens()) {
    const { control, unknown, userDefined, rstrip } = model.getTokenAttributes(token);
    if (!control && !unknown && !userDefined) continue;
    const text = model.detokenize([token], true);
    if (text.length < 2 || (userDefined && !isTag.test(text))) continue;
    all.add(text);
    if (userDefined) plain.add(text);
    if (userDefined || isMerged(model, token, text)) always.add(text);
    if (rstrip) hungry.add(text);
  }
  const marks = marksOf(all, { plain, always, hungry });
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

/** Runs of spaces and words are text, though some vocabularies have tokens of the user's for them. */
const isTag = /^(?:[<[◁].*[>\]▷|]|\|.*\p{L}.*\|)$/su;

/** The pieces of SentencePiece are merged to any token that is written so; behind a line break no space comes first. */
function isMerged(model: LlamaModel, token: Token, text: string): boolean {
  return (
    model.vocabularyType === LlamaVocabularyType.spm && model.tokenize(text, false, 'trimLeadingSpace').includes(token)
  );
}

export function marksOf(
  all: ReadonlySet<string>,
  { plain, always = plain, hungry = new Set() }: Pick<SpecialMarks, 'plain'> & Partial<SpecialMarks>,
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
    hungry,
    pattern: expression(any),
    anywhere: expression(`(?=(${any}))`),
    firsts: expression(`(?:${initials})(?:[^<>[\\]]{0,40}[>\\]])?`, 'gi'),
    ends,
  };
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
