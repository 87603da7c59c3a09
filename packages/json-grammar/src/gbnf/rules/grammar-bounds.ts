/**
 * What a stranger's grammar may ask for. llama.cpp loads it and walks it for each token, in a thread that nobody can
 * stop, so each of these keeps one grammar from stalling everybody.
 */
export const grammarBounds = {
  /** UTF-8 bytes of the grammar. */
  bytes: 65_536,
  /** Groups within groups. */
  depth: 64,
  /** The numbers of a repetition. */
  repetition: 1_000,
  /** Symbols once all repetitions are written out; of a class each of its ranges. */
  symbols: 50_000,
  /** Ways to read one text that are open at the same time: llama.cpp follows each of them for each token. */
  readings: 256,
  /** Ways to come through a few characters, in the course of one token: llama.cpp follows each of them to its end. */
  paths: 10_000,
  /** The same for a token of one character over and over. */
  runPaths: 100_000,
  /** Rules within rules that must be told apart to know in which way a text is read. */
  nesting: 64,
  /** Steps of looking for all that. */
  work: 600_000,
} as const;
