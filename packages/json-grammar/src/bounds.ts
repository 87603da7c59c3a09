/**
 * What a schema may ask for. A grammar is expanded, loaded and walked inside the engine, so each of these keeps one
 * schema from stalling everybody.
 */
export const schemaBounds = {
  /** UTF-8 bytes of the schema as JSON. */
  bytes: 65_536,
  /** Schemas within schemas, and values within a constant. */
  depth: 32,
  /** minItems, maxItems, minLength and maxLength: llama.cpp makes a rule of each repetition. */
  repetition: 1_000,
  /** Integers that are written, either side of zero. */
  integer: 1e21,
  /** Ways to fit one schema after its unions are multiplied out. */
  alternatives: 128,
  /** Schemas and combinations of schemas that the grammar tells apart. */
  combinations: 4_000,
  /** The same for what is looked at to tell schemas apart, of which nothing is written. */
  looseCombinations: 30_000,
  /** Ways to read one text that are open at the same time: llama.cpp follows each of them for each token. */
  readings: 256,
  /** Properties that may be left out between two that may not: llama.cpp looks at each of them for each token. */
  optionalRun: 256,
  /** Symbols of the whole grammar after llama.cpp has expanded its repetitions. */
  symbols: 50_000,
} as const;
