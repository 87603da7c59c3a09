export interface WaitingReader {
  /** When its request got a slot, in ms of the engine's clock. */
  since: number;
  /** Prompt tokens that it has still to read. */
  remaining: number;
}

/**
 * The order in which prompts are read that wait for the same model: by when each could be done if it had read alone
 * from the start (arrival + what is left to read). Short ones go first, which lowers the mean time to first token; a
 * long one is overtaken only by what came within the time that it needs itself, so nobody starves.
 */
export function readingOrder(readers: readonly WaitingReader[], msPerToken: number): number[] {
  const due = readers.map(({ since, remaining }) => since + remaining * msPerToken);
  return due.map((_, at) => at).toSorted((a, b) => (due[a] ?? 0) - (due[b] ?? 0));
}
