import { exitCodes, signalExitCode } from '../process/exit-codes.ts';
import { onTerminalClosed } from '../process/listen-for-signals.ts';

/** A Ctrl-C this soon after an answer was meant to stop it. */
const reactionMs = 700;

/** Handles Ctrl-C and signals in a chat: the first Ctrl-C stops the answer, the next one leaves the chat. */
export class ChatInterrupts {
  readonly #ending = new AbortController();
  readonly #ended: Promise<never>;
  #answer: AbortController | null = null;
  #answeredAt = Number.NEGATIVE_INFINITY;
  #exitCode: number = exitCodes.ok;

  constructor() {
    const { signal } = this.#ending;
    this.#ended = new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
    // Between answers no code awaits this promise; `ending` reports the end there.
    this.#ended.catch(() => undefined);
  }

  /** Aborts when the user or a signal ends the chat before its input ends. */
  get ending(): AbortSignal {
    return this.#ending.signal;
  }

  get exitCode(): number {
    return this.#exitCode;
  }

  /**
   * Runs one answer; the first Ctrl-C aborts its signal.
   *
   * @throws the reason of `ending` as soon as it aborts, since a stalled answer may never react to its signal
   */
  async answering<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const answer = (this.#answer = new AbortController());
    try {
      return await Promise.race([work(answer.signal), this.#ended]);
    } finally {
      this.#answer = null;
      this.#answeredAt = performance.now();
    }
  }

  /** Handles one Ctrl-C. `discard` drops the line being typed; it returns false if the line was empty. */
  interrupt(discard: () => boolean): void {
    // The answer ended while the user pressed the key.
    if (!this.#answer && performance.now() - this.#answeredAt < reactionMs) return void discard();
    if (this.#answer ? this.#answer.signal.aborted : !discard()) this.end(exitCodes.interrupted);
    else this.#answer?.abort();
  }

  /** Ends the chat. A second call exits at once, without waiting for the engine. */
  end(exitCode: number): void {
    if (this.#ending.signal.aborted) process.exit(exitCode);
    this.#exitCode = exitCode;
    this.#answer?.abort();
    this.#ending.abort();
  }

  /** Listens for the system's signals. */
  listen(discard: () => boolean): void {
    process.on('SIGINT', () => this.interrupt(discard));
    const end = (signal: NodeJS.Signals) => this.end(signalExitCode(signal));
    process.on('SIGTERM', end);
    onTerminalClosed(end);
  }
}
