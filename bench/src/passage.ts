const words =
  'the small fox and the old owl read a long report about the harbour and the lighthouse while the rain went on'.split(
    ' ',
  );

/** A text of this many words. Its first words differ from those of every other seed, so that nothing of it is cached; the rest is as long to read. */
export function passage(length: number, seed: number): string {
  const text = Array.from({ length }, (_, at) => words[(at * 7 + (at % 11)) % words.length]);
  return `${seed}. report. ${text.join(' ')}.`;
}
