const words =
  'the small fox and the old owl read a long report about the harbour and the lighthouse while the rain went on'.split(
    ' ',
  );

/** A text of this many words. Its beginning differs for each seed, so that no part of it is cached. */
export function passage(length: number, seed: number): string {
  const text = Array.from({ length }, (_, at) => words[(at * 7 + (at % 11)) % words.length]);
  return `${seed}. report. ${text.join(' ')}.`;
}
