/**
 * Limits for a schema. The engine expands, loads and walks its grammar, so each limit prevents that one schema stalls
 * all requests.
 */
export const schemaBounds = {
  /** UTF-8 bytes of the schema as JSON. */
  bytes: 65_536,
  /** Nesting of schemas, and of values within a constant. */
  depth: 32,
  /** minItems, maxItems, minLength and maxLength: llama.cpp makes a rule for each repetition. */
  repetition: 1_000,
  /** Largest absolute value of an integer. */
  integer: 1e21,
  /** Ways to fit one schema after its unions are multiplied out. */
  alternatives: 128,
  /** Schemas and combinations of schemas in the grammar. */
  combinations: 4_000,
  /** The same for the graph that only tests schemas for overlap. */
  looseCombinations: 30_000,
  /** Parses of one text that are open at the same time: llama.cpp follows each of them for each token. */
  parses: 256,
  /** Consecutive optional properties: llama.cpp checks each of them for each token. */
  optionalRun: 256,
  /** Symbols of the whole grammar after llama.cpp expanded its repetitions. */
  symbols: 50_000,
} as const;
