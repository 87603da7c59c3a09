import { HeadwayError, isHeadwayError, type ModelInfo } from '@headway/protocol';

import { fromPlainError } from '../../port/plain-error.ts';
import { describeEnd, engineCrashed, type ProcessEnd } from './describe-end.ts';
import { EngineProcess, type EngineProcessOptions, type ProcessMessage } from './engine-process.ts';
import { OpenGate } from './current-process.ts';
import { restartDelayMs } from './restart-delay.ts';

/** What happens to the engine's process. */
export type ProcessNews =
  | { type: 'started'; pid: number | undefined }
  /** A line that it printed. */
  | { type: 'output'; line: string }
  /** `reason` goes on from "the engine"; `restartMs` is how long it takes until it is started again. */
  | { type: 'crashed'; reason: string; output: readonly string[]; restartMs: number };

export interface ProcessSupervisorOptions extends Pick<EngineProcessOptions, 'order' | 'execArgv' | 'pulse'> {
  onMessage: (message: Exclude<ProcessMessage, { kind: 'opened' | 'unopened' }>) => void;
  /** There is a process that takes commands. */
  onOpened: (process: EngineProcess, models: ModelInfo[]) => void;
  /** It has just ended, after it had loaded its models. True when it will not be made to by the same again: then it is started at once. */
  onCrash: () => boolean;
  /** There is none any more, and what it was doing is lost. */
  onGone: (error: HeadwayError) => void;
  onProcess: ((news: ProcessNews) => void) | undefined;
}

/** After so many crashes in a row it is better not to wait for it: that takes seconds by then, and may be in vain. */
const patience = 3;

/** Keeps a process with an engine running: starts it, and starts it again when it ends by itself. */
export class ProcessSupervisor {
  readonly #options: ProcessSupervisorOptions;
  readonly #gate = new OpenGate<EngineProcess>();
  #process: EngineProcess;
  #loadedOnce = false;
  /** The process that has tried to load all of its models. */
  #loaded: EngineProcess | null = null;
  /** In a row, without a sign of health in between. */
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

  /** The process that takes commands, if there is one now. */
  get current(): EngineProcess | null {
    return this.#gate.current;
  }

  /** How often it was started again, and why it ended the last time, in words that go on from "the engine". */
  get history(): { restarts: number; lastCrash: string | null } {
    return { restarts: this.#restarts, lastCrash: this.#lastCrash };
  }

  /** Why there will never be a process again. */
  get failure(): HeadwayError | null {
    return this.#failure;
  }

  /** Whether it crashes again and again, so that nobody should wait for it. */
  get hopeless(): boolean {
    return this.#crashes > patience;
  }

  /** What is wrong with it, if anything is. */
  get trouble(): string | undefined {
    if (this.#failure) return this.#failure.message;
    if (this.current) return 'the engine does not answer';
    return this.#lastCrash === null ? undefined : `the engine ${this.#lastCrash}; it is being started again`;
  }

  /** Resolves with a process that takes commands. @throws HeadwayError why there is none */
  opened(): Promise<EngineProcess> {
    return this.#gate.opened();
  }

  /** Resolves when the models are loaded. @throws HeadwayError why they are not; of a crash only the first time */
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

  /** It has just done what it is there for: earlier crashes are forgotten. */
  provesHealthy(): void {
    this.#crashes = 0;
  }

  /** Ends the process for good; `error` is what those hear who wait for it. Again does nothing. */
  close(error: HeadwayError): Promise<void> {
    if (!this.#closing) {
      clearTimeout(this.#restart);
      this.#gate.fail(error);
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
        this.#gate.fail(this.#failure);
        process.kill();
        return;
      default:
        this.#options.onMessage(message);
    }
  }

  #onOpened(process: EngineProcess, models: ModelInfo[]): void {
    if (this.#closing) return;
    this.#options.onOpened(process, models);
    this.#gate.open(process);
    process.ask('ready').then(
      () => {
        this.#loadedOnce = true;
        this.#loaded = process;
      },
      // Whoever asks hears of it, and of an end everybody does.
      (thrown: unknown) => {
        if (!isHeadwayError(thrown) || thrown.code !== 'engine-crashed') this.#loaded = process;
      },
    );
  }

  #onEnd(end: ProcessEnd): void {
    this.#gate.shut();
    if (!this.#closing && !this.#failure) this.#startLater(end);
    this.#options.onGone(this.#failure ?? engineCrashed(end));
  }

  #startLater(end: ProcessEnd): void {
    // Who waits for the models has not made them crash.
    const laid = this.#loaded === this.#process && this.#options.onCrash();
    this.#crashes = laid ? 1 : this.#crashes + 1;
    this.#lastCrash = describeEnd(end);
    const restartMs = restartDelayMs(this.#crashes);
    this.#restart = setTimeout(() => {
      this.#restarts++;
      this.#process = this.#start();
    }, restartMs);
    this.#options.onProcess?.({ type: 'crashed', reason: this.#lastCrash, output: end.output, restartMs });
    if (!this.#loadedOnce) this.#gate.turnAway(crashedInLoading(this.#lastCrash));
  }
}

function crashedInLoading(reason: string): HeadwayError {
  return new HeadwayError(
    'engine-crashed',
    `the engine ${reason} while it loaded its models; check that they fit the memory of this machine: fewer slots, a smaller context and a smaller model need less`,
  );
}
