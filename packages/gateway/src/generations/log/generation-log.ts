import type { GenerationEvent } from '@headway/protocol';

/**
 * The events of one generation, for viewers who come late, come back or fall behind. It is all that viewers share, and
 * they are no more than a place in it: a store that several gateways use can stand behind this.
 */
export interface GenerationLog {
  /** `seq` of the last event; -1 before the first. */
  readonly lastSeq: number;
  /** Memory that it takes, as an estimate. */
  readonly bytes: number;
  /** Keeps the engine's next event and tells the listeners. */
  append(event: GenerationEvent): void;
  /**
   * What a viewer who has had everything up to `after` is sent next; null when there is nothing yet. Neighbouring token
   * events come as one, whose `seq` is the last folded into it, so that everything up to there has then been sent;
   * of the prefill come the first and the latest event.
   *
   * @throws HeadwayError `generation-not-found` when that part is no longer kept
   */
  next(after: number): GenerationEvent | null | Promise<GenerationEvent | null>;
  /** Calls `listener` after each event, until the function that it returns is called. */
  onAppend(listener: () => void): () => void;
}
