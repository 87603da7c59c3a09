/**
 * Limits for a client's grammar. llama.cpp loads it and walks it for each token, in a thread that cannot be stopped, so
 * each limit prevents that one grammar stalls all requests.
 */
export const grammarBounds = {
  /** UTF-8 bytes of the grammar. */
  bytes: 65_536,
  /** Nesting of groups. */
  depth: 64,
  /** The numbers of a repetition. */
  repetition: 1_000,
  /** Symbols after all repetitions are expanded; each range of a class counts. */
  symbols: 50_000,
  /** Parses of one text that are open at the same time: llama.cpp follows each of them for each token. */
  parses: 256,
  /** Paths through the characters of one token: llama.cpp follows each of them to its end. */
  paths: 10_000,
  /** The same for a token of one repeated character. */
  runPaths: 100_000,
  /** Nesting of rules that must be known to choose a parse. */
  nesting: 64,
  /** Steps of the analysis. */
  work: 600_000,
} as const;
