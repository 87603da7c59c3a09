export interface WaitingPrefill {
  /** Time at which the request got a slot, in ms of the engine's clock. */
  since: number;
  /** Prompt tokens still to read. */
  remaining: number;
}

/**
 * The order, as indexes, in which a model prefills waiting prompts: by arrival + time for the remaining tokens, that is
 * by when each would be done if it read alone. Short prompts go first, which lowers the mean TTFT. A long prompt is
 * overtaken only by prompts that arrive within its own prefill time, so none starves.
 */
export function prefillOrder(waiting: readonly WaitingPrefill[], msPerToken: number): number[] {
  const due = waiting.map(({ since, remaining }) => since + remaining * msPerToken);
  return due.map((_, at) => at).toSorted((a, b) => (due[a] ?? 0) - (due[b] ?? 0));
}
