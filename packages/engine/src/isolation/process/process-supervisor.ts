import { HeadwayError, isHeadwayError, type ModelInfo } from '@headway/protocol';

import { fromPlainError } from '../../port/plain-error.ts';
import { describeEnd, engineCrashed, type ProcessEnd } from './describe-end.ts';
import { EngineProcess, type EngineProcessOptions, type ProcessMessage } from './engine-process.ts';
import { CurrentProcess } from './current-process.ts';
import { restartDelayMs } from './restart-delay.ts';

/** An event of the engine's process. */
export type ProcessNews =
  | { type: 'started'; pid: number | undefined }
  /** A line that the process printed. */
  | { type: 'output'; line: string }
  /** `reason` continues the sentence "the engine …"; `restartMs` is the time until the restart. */
  | { type: 'crashed'; reason: string; output: readonly string[]; restartMs: number };

export interface ProcessSupervisorOptions extends Pick<EngineProcessOptions, 'order' | 'execArgv' | 'pulse'> {
  onMessage: (message: Exclude<ProcessMessage, { kind: 'opened' | 'unopened' }>) => void;
  /** Called when a process takes commands. */
  onOpened: (process: EngineProcess, models: ModelInfo[]) => void;
  /**
   * Called when a process crashed after loading its models. Returns whether the cause is barred; then the restart comes
   * at once.
   */
  onCrash: () => boolean;
  /** Called when the process has ended; the work it was doing is lost. */
  onGone: (error: HeadwayError) => void;
  onProcess: ((news: ProcessNews) => void) | undefined;
}

/** After more crashes in a row than this, requests are refused: by then a restart takes seconds and may fail again. */
const mostCrashes = 3;

/** Keeps an engine's process running: starts it and restarts it after each crash. */
export class ProcessSupervisor {
  readonly #options: ProcessSupervisorOptions;
  readonly #current = new CurrentProcess<EngineProcess>();
  #process: EngineProcess;
  #loadedOnce = false;
  /** The last process that finished loading, with or without success. */
  #loaded: EngineProcess | null = null;
  /** Crashes in a row, without an answer in between. */
  #crashes = 0;
  #restarts = 0;
  #lastCrash: string | null = null;
  #restart: NodeJS.Timeout | undefined;
  #failure: HeadwayError | null = null;
  #closing: Promise<void> | null = null;

  constructor(options: ProcessSupervisorOptions) {
    this.#options = options;
    this.#process = this.#start();
  }

  /** The process that takes commands; null while there is none. */
  get current(): EngineProcess | null {
    return this.#current.process;
  }

  /** The number of restarts and the reason of the last crash, which continues the sentence "the engine …". */
  get history(): { restarts: number; lastCrash: string | null } {
    return { restarts: this.#restarts, lastCrash: this.#lastCrash };
  }

  /** The error after which no process is started again. */
  get failure(): HeadwayError | null {
    return this.#failure;
  }

  /** Whether the process crashed so often in a row that requests should not wait for it. */
  get crashLooping(): boolean {
    return this.#crashes > mostCrashes;
  }

  /** Why the process does not answer, for `ModelInfo.error`. */
  get problem(): string | undefined {
    if (this.#failure) return this.#failure.message;
    if (this.current) return 'the engine does not answer';
    return this.#lastCrash === null ? undefined : `the engine ${this.#lastCrash}; it is restarting`;
  }

  /** Resolves with a process once it takes commands. @throws HeadwayError why there is none */
  opened(): Promise<EngineProcess> {
    return this.#current.opened();
  }

  /**
   * Resolves when the models are loaded.
   *
   * @throws HeadwayError why not; `engine-crashed` only if no process ever loaded them
   */
  async ready(): Promise<void> {
    for (;;) {
      try {
        const process = await this.opened();
        return void (await process.ask('ready'));
      } catch (thrown) {
        const crashed = isHeadwayError(thrown) && thrown.code === 'engine-crashed';
        if (!crashed) throw thrown;
        if (!this.#loadedOnce) throw crashedInLoading(this.#lastCrash ?? thrown.message);
      }
    }
  }

  /** Called after an answer: resets the count of crashes. */
  markHealthy(): void {
    this.#crashes = 0;
  }

  /** Ends the process for good and rejects waiting callers with `error`. Idempotent. */
  close(error: HeadwayError): Promise<void> {
    if (!this.#closing) {
      clearTimeout(this.#restart);
      this.#current.fail(error);
      this.#closing = this.#process.close();
    }
    return this.#closing;
  }

  #start(): EngineProcess {
    const { order, execArgv, pulse, onProcess } = this.#options;
    const process = new EngineProcess({
      order,
      execArgv,
      pulse,
      onMessage: (message) => this.#receive(process, message),
      onOutput: (line) => onProcess?.({ type: 'output', line }),
      onEnd: (end) => this.#onEnd(end),
    });
    onProcess?.({ type: 'started', pid: process.pid });
    return process;
  }

  #receive(process: EngineProcess, message: ProcessMessage): void {
    switch (message.kind) {
      case 'opened':
        this.#onOpened(process, message.models);
        return;
      case 'unopened':
        this.#failure = fromPlainError(message.error);
        this.#current.fail(this.#failure);
        process.kill();
        return;
      default:
        this.#options.onMessage(message);
    }
  }

  #onOpened(process: EngineProcess, models: ModelInfo[]): void {
    if (this.#closing) return;
    this.#options.onOpened(process, models);
    this.#current.set(process);
    process.ask('ready').then(
      () => {
        this.#loadedOnce = true;
        this.#loaded = process;
      },
      // `ready` and `models` report a model that failed to load; `#onEnd` handles a crash.
      (thrown: unknown) => {
        if (!isHeadwayError(thrown) || thrown.code !== 'engine-crashed') this.#loaded = process;
      },
    );
  }

  #onEnd(end: ProcessEnd): void {
    this.#current.clear();
    if (!this.#closing && !this.#failure) this.#startLater(end);
    this.#options.onGone(this.#failure ?? engineCrashed(end));
  }

  #startLater(end: ProcessEnd): void {
    // Requests that wait for the models cannot have caused a crash during loading.
    const barred = this.#loaded === this.#process && this.#options.onCrash();
    this.#crashes = barred ? 1 : this.#crashes + 1;
    this.#lastCrash = describeEnd(end);
    const restartMs = restartDelayMs(this.#crashes);
    this.#restart = setTimeout(() => {
      this.#restarts++;
      this.#process = this.#start();
    }, restartMs);
    this.#options.onProcess?.({ type: 'crashed', reason: this.#lastCrash, output: end.output, restartMs });
    if (!this.#loadedOnce) this.#current.rejectWaiting(crashedInLoading(this.#lastCrash));
  }
}

function crashedInLoading(reason: string): HeadwayError {
  return new HeadwayError(
    'engine-crashed',
    `the engine ${reason} while it loaded its models; check that they fit into memory: use fewer slots, a smaller context or a smaller model`,
  );
}
