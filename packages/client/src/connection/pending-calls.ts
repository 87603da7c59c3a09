import type { HeadwayError } from '@headway/protocol';

/** Fails one call when its connection ends. */
type OnEnded = (error: HeadwayError) => void;

/** The pending calls of one connection. They all fail when it ends, and it ends once. */
export class PendingCalls {
  readonly #calls = new Set<OnEnded>();
  #ended = false;

  get ended(): boolean {
    return this.#ended;
  }

  /** Returns a function that removes the call; it returns false if the call had been removed before. */
  add(onEnded: OnEnded): () => boolean {
    this.#calls.add(onEnded);
    return () => this.#calls.delete(onEnded);
  }

  has(onEnded: OnEnded): boolean {
    return this.#calls.has(onEnded);
  }

  /** Fails every pending call. Returns false if the connection had ended before. */
  end(error: HeadwayError): boolean {
    if (this.#ended) return false;
    this.#ended = true;
    for (const onEnded of this.#calls) onEnded(error);
    this.#calls.clear();
    return true;
  }
}
