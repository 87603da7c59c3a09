import type { Generation, GenerationEvent } from '@headway/protocol';

/** A generation that knows whether its reader has had the last event: its end alone does not mean that it was sent. */
export class ReadGeneration implements Generation {
  readonly #generation: Generation;
  #read: Promise<void> = Promise.resolve();

  constructor(generation: Generation) {
    this.#generation = generation;
  }

  /** Resolves when the reader, if there is one, has come back for more after the last event, or has left. */
  async readToEnd(): Promise<void> {
    await this.#read;
  }

  get id(): string {
    return this.#generation.id;
  }

  get admitted(): Promise<void> {
    return this.#generation.admitted;
  }

  [Symbol.asyncIterator](): AsyncIterator<GenerationEvent, undefined> {
    const events = this.#generation[Symbol.asyncIterator]();
    let onRead!: () => void;
    this.#read = new Promise((resolve) => (onRead = resolve));
    return {
      async next() {
        const result = await events.next();
        if (result.done) onRead();
        return result;
      },
      async return() {
        onRead();
        return (await events.return?.()) ?? { done: true, value: undefined };
      },
    };
  }

  result() {
    return this.#generation.result();
  }

  text() {
    return this.#generation.text();
  }

  cancel() {
    return this.#generation.cancel();
  }

  [Symbol.asyncDispose]() {
    return this.#generation[Symbol.asyncDispose]();
  }
}
