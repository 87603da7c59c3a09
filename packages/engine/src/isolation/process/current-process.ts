import type { HeadwayError } from '@headway/protocol';

interface Waiter<Process> {
  resolve: (process: Process) => void;
  reject: (error: HeadwayError) => void;
}

/** Holds callers until the engine's process takes commands, again after each restart. */
export class CurrentProcess<Process> {
  #process: Process | null = null;
  #failure: HeadwayError | null = null;
  #waiting: Waiter<Process>[] = [];

  /** The process that takes commands; null while there is none. */
  get process(): Process | null {
    return this.#process;
  }

  /**
   * Resolves with the current process, or with the next one once it takes commands.
   *
   * @throws HeadwayError why there is none
   */
  opened(): Promise<Process> {
    if (this.#failure) return Promise.reject(this.#failure);
    if (this.#process !== null) return Promise.resolve(this.#process);
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  set(process: Process): void {
    this.#process = process;
    for (const { resolve } of this.#waiting.splice(0)) resolve(process);
  }

  /** The process ended; a later `set` may follow. */
  clear(): void {
    this.#process = null;
  }

  /** Rejects the callers that wait at present. */
  rejectWaiting(error: HeadwayError): void {
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }

  /** Rejects the waiting callers and all later ones: there will be no process again. */
  fail(error: HeadwayError): void {
    this.#process = null;
    this.#failure = error;
    this.rejectWaiting(error);
  }
}
