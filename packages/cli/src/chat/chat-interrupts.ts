import { exitCodes, signalExitCode } from '../process/exit-codes.ts';
import { onTerminalClosed } from '../process/listen-for-signals.ts';

/** So long a Ctrl-C may have been on its way to an answer. */
const reactionMs = 700;

/** What Ctrl-C and signals do to a chat: the first Ctrl-C stops the answer, the next one leaves. */
export class ChatInterrupts {
  readonly #leaving = new AbortController();
  readonly #left: Promise<never>;
  #answer: AbortController | null = null;
  #answeredAt = Number.NEGATIVE_INFINITY;
  #exitCode: number = exitCodes.ok;

  constructor() {
    const { signal } = this.#leaving;
    this.#left = new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
    // Who leaves while nothing is answered is heard of by `leaving`.
    this.#left.catch(() => undefined);
  }

  /** Aborts when the chat is to end before its input does. */
  get leaving(): AbortSignal {
    return this.#leaving.signal;
  }

  get exitCode(): number {
    return this.#exitCode;
  }

  /**
   * Runs one answer, which Ctrl-C stops through the signal.
   *
   * @throws the reason of `leaving` once it aborts: what stalls may never hear that it is to stop
   */
  async answering<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const answer = (this.#answer = new AbortController());
    try {
      return await Promise.race([work(answer.signal), this.#left]);
    } finally {
      this.#answer = null;
      this.#answeredAt = performance.now();
    }
  }

  /** For Ctrl-C. `discard` drops what is being typed, and tells whether there was anything. */
  interrupt(discard: () => boolean): void {
    // Pressed to stop an answer that ended meanwhile.
    if (!this.#answer && performance.now() - this.#answeredAt < reactionMs) return void discard();
    if (this.#answer ? this.#answer.signal.aborted : !discard()) this.leave(exitCodes.interrupted);
    else this.#answer?.abort();
  }

  /** Ends the chat; who asks again does not wait for the engine. */
  leave(exitCode: number): void {
    if (this.#leaving.signal.aborted) process.exit(exitCode);
    this.#exitCode = exitCode;
    this.#answer?.abort();
    this.#leaving.abort();
  }

  /** Hears of the signals that the system sends. */
  listen(discard: () => boolean): void {
    process.on('SIGINT', () => this.interrupt(discard));
    const leave = (signal: NodeJS.Signals) => this.leave(signalExitCode(signal));
    process.on('SIGTERM', leave);
    onTerminalClosed(leave);
  }
}
