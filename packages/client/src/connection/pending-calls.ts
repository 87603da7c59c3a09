import type { HeadwayError } from '@headway/protocol';

/** A call under way: how it is told that its connection ended. */
type OnEnded = (error: HeadwayError) => void;

/** The calls under way on one connection. They fail when it ends, and it ends once. */
export class OpenCalls {
  readonly #calls = new Set<OnEnded>();
  #ended = false;

  get ended(): boolean {
    return this.#ended;
  }

  /** What it returns ends the call, and tells whether it was the first to do so. */
  add(onEnded: OnEnded): () => boolean {
    this.#calls.add(onEnded);
    return () => this.#calls.delete(onEnded);
  }

  has(onEnded: OnEnded): boolean {
    return this.#calls.has(onEnded);
  }

  /** False when they have ended before. */
  end(error: HeadwayError): boolean {
    if (this.#ended) return false;
    this.#ended = true;
    for (const onEnded of this.#calls) onEnded(error);
    this.#calls.clear();
    return true;
  }
}
