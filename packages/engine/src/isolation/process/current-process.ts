import type { HeadwayError } from '@headway/protocol';

interface Waiter<T> {
  pass: (value: T) => void;
  refuse: (error: HeadwayError) => void;
}

/** Lets those through who need something that comes, goes and comes again. */
export class OpenGate<T> {
  #current: T | null = null;
  #failure: HeadwayError | null = null;
  #waiting: Waiter<T>[] = [];

  /** What is there now. */
  get current(): T | null {
    return this.#current;
  }

  /** Resolves with what is there, or with what comes next. @throws HeadwayError why nothing comes */
  opened(): Promise<T> {
    if (this.#failure) return Promise.reject(this.#failure);
    if (this.#current !== null) return Promise.resolve(this.#current);
    return new Promise((pass, refuse) => this.#waiting.push({ pass, refuse }));
  }

  open(value: T): void {
    this.#current = value;
    for (const { pass } of this.#waiting.splice(0)) pass(value);
  }

  /** It is gone, for now. */
  shut(): void {
    this.#current = null;
  }

  /** Those who wait go empty-handed. */
  turnAway(error: HeadwayError): void {
    for (const { refuse } of this.#waiting.splice(0)) refuse(error);
  }

  /** It will not come any more. */
  fail(error: HeadwayError): void {
    this.#current = null;
    this.#failure = error;
    this.turnAway(error);
  }
}
