import type { GenerationEvent } from '@headway/protocol';

/**
 * The events of one generation, for viewers that join late, resume or fall behind. Viewers share nothing else, and each
 * is a position in the log. So a store that several gateways use can implement it.
 */
export interface GenerationLog {
  /** `seq` of the last event; -1 before the first. */
  readonly lastSeq: number;
  /** Estimated memory of the log. */
  readonly bytes: number;
  /** Stores the engine's next event and calls the listeners. */
  append(event: GenerationEvent): void;
  /**
   * The next event for a viewer that has received everything up to `after`; null when there is none yet. Adjacent token
   * events are merged into one, whose `seq` is that of its last token. Of the prefill events it returns the first and the
   * latest, of those of a span the latest.
   *
   * @throws HeadwayError `generation-not-found` when the log no longer keeps that part
   */
  next(after: number): GenerationEvent | null | Promise<GenerationEvent | null>;
  /** Calls `listener` after each event, until the returned function is called. */
  onAppend(listener: () => void): () => void;
}
