const words =
  'the small fox and the old owl read a long report about the harbour and the lighthouse while the rain went on'.split(
    ' ',
  );

/** A text of about this many words that no two seeds have in common, so that nothing of it is cached. */
export function passage(length: number, seed: number): string {
  const text = Array.from({ length }, (_, at) => words[(at * 7 + seed * 3 + ((at * seed) % 11)) % words.length]);
  return `Report ${seed}. ${text.join(' ')}.`;
}
