import {
  endsStream,
  HeadwayError,
  isHeadwayError,
  type Estimate,
  type GenerateRequest,
  type ModelInfo,
} from '@headway/protocol';

import type { DownloadProgress } from '../backend.ts';
import type { EngineActivity, EngineCommand, EngineMessage, EnginePort } from '../engine-port.ts';
import { idConflict } from '../id-conflict.ts';
import { fromPlainError } from '../plain-error.ts';
import { queueFull } from '../queue-errors.ts';
import { cancelMessage } from '../run-generation.ts';
import { describeEnd, engineCrashed, type ProcessEnd } from './describe-end.ts';
import { EngineProcess, type ProcessMessage } from './engine-process.ts';
import { OpenGate } from './open-gate.ts';
import type { OpenOrder, QueryName } from './process-messages.ts';
import type { PulseOptions } from './pulse.ts';
import { restartDelayMs } from './restart-delay.ts';
import { TrackedGeneration } from './tracked-generation.ts';
import { within } from './within.ts';

/** What happens to the engine's process. */
export type ProcessNews =
  | { type: 'started'; pid: number | undefined }
  /** A line that it printed. */
  | { type: 'output'; line: string }
  /** `reason` goes on from "the engine"; `restartMs` is how long it takes until it is started again. */
  | { type: 'crashed'; reason: string; output: readonly string[]; restartMs: number };

export interface IsolatedPortOptions {
  order: OpenOrder;
  execArgv: readonly string[] | undefined;
  pulse: PulseOptions;
  /** Requests that may wait while the engine comes back. */
  maxHeld: number;
  onMessage: (message: EngineMessage) => void;
  onDownload?: ((progress: DownloadProgress) => void) | undefined;
  onProcess?: ((news: ProcessNews) => void) | undefined;
}

/** After so many crashes in a row requests are refused until it is back: it takes seconds by then, and may never be. */
const patience = 3;
/** How long a process may take to answer a question before its last answer has to do, in ms. */
const answerMs = 1000;
/** Requests that may be on their way to a process that has not said anything about them. */
const mostUnanswered = 1024;

/**
 * The port of an engine in a process of its own, which it starts, watches and starts again. What was running in a process
 * that ends is ended here, in good order; what comes while there is none waits, in the phase `loading`.
 */
export class IsolatedPort implements EnginePort {
  readonly #options: IsolatedPortOptions;
  readonly #generations = new Map<string, TrackedGeneration>();
  /** Those that wait for a process, the first one first. */
  readonly #held = new Set<string>();
  /** Those of which the process has said nothing yet. */
  readonly #unanswered = new Set<string>();
  readonly #gate = new OpenGate<EngineProcess>();
  #process: EngineProcess;
  #models: ModelInfo[] = [];
  #loadedOnce = false;
  /** In a row, without a sign of health in between. */
  #crashes = 0;
  #restarts = 0;
  #lastCrash: string | null = null;
  #restart: NodeJS.Timeout | undefined;
  #fatal: HeadwayError | null = null;
  #closing: Promise<void> | null = null;
  /** Those that are asked just now: whoever asks the same gets the same answer. */
  readonly #questions = new Map<QueryName, Promise<unknown>>();

  constructor(options: IsolatedPortOptions) {
    this.#options = options;
    this.#process = this.#start();
  }

  send(command: EngineCommand): void {
    switch (command.kind) {
      case 'generate':
        this.#generate(command);
        return;
      case 'cancel':
        this.#cancel(command);
        return;
      default:
        command satisfies never;
    }
  }

  /** @throws HeadwayError when no process came so far as to tell */
  async models(): Promise<ModelInfo[]> {
    if (this.#models.length === 0) await this.#gate.opened();
    const models = await this.#ask<ModelInfo[]>('models');
    if (models) return (this.#models = models);
    const state = this.#fatal ? 'failed' : 'loading';
    return this.#models.map((model) => ({ ...model, state, error: this.#trouble() }));
  }

  /** @throws HeadwayError `engine-crashed` while there is no process to ask */
  async estimate(request: GenerateRequest, owner: string): Promise<Estimate> {
    const process = this.#gate.current;
    if (!process) throw new HeadwayError('engine-crashed', `${this.#trouble()}; ask again in a moment`);
    return (await process.ask('estimate', request, owner)) as Estimate;
  }

  async activity(): Promise<EngineActivity> {
    const process = { restarts: this.#restarts, lastCrash: this.#lastCrash };
    const activity = await this.#ask<EngineActivity>('activity');
    if (activity) return { ...activity, process };
    const total = this.#models.reduce((sum, { slots }) => sum + slots, 0);
    const busy = Math.min(total, this.#generations.size - this.#held.size);
    return { slots: { total, busy }, queued: this.#generations.size - busy, process };
  }

  async ready(): Promise<void> {
    for (;;) {
      try {
        const process = await this.#gate.opened();
        return void (await process.ask('ready'));
      } catch (thrown) {
        const crashed = isHeadwayError(thrown) && thrown.code === 'engine-crashed';
        if (!crashed) throw thrown;
        if (!this.#loadedOnce) throw crashedInLoading(this.#lastCrash ?? thrown.message);
      }
    }
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    clearTimeout(this.#restart);
    const shuttingDown = new HeadwayError('shutting-down', cancelMessage('shutting-down'));
    this.#gate.fail(shuttingDown);
    this.#end([...this.#held], shuttingDown);
    await this.#process.close();
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

  #generate(command: EngineCommand & { kind: 'generate' }): void {
    const { id } = command;
    const generation = new TrackedGeneration(command);
    const refusal = this.#refusal(command);
    if (refusal) return this.#tell(generation.fail(refusal));
    this.#generations.set(id, generation);
    const process = this.#gate.current;
    if (process) {
      this.#unanswered.add(id);
      return process.send(command);
    }
    this.#held.add(id);
    // As in the engine, the caller holds its generation before the first event comes.
    queueMicrotask(() => {
      if (this.#held.has(id) && this.#generations.get(id) === generation) this.#tell([generation.loading()]);
    });
  }

  /** Why a request is not taken now. */
  #refusal({ id, request }: EngineCommand & { kind: 'generate' }): HeadwayError | null {
    if (this.#closing) return new HeadwayError('shutting-down', cancelMessage('shutting-down'));
    if (this.#fatal) return this.#fatal;
    if (this.#generations.has(id)) return idConflict(request.id);
    if (this.#unanswered.size >= mostUnanswered) return queueFull(this.#unanswered.size);
    if (this.#gate.current) return null;
    if (this.#crashes > patience) return new HeadwayError('engine-crashed', `${this.#trouble()}; try again later`);
    return this.#held.size >= this.#options.maxHeld ? queueFull(this.#held.size) : null;
  }

  #cancel(command: EngineCommand & { kind: 'cancel' }): void {
    const { id, reason } = command;
    const generation = this.#generations.get(id);
    if (!this.#held.delete(id)) return this.#gate.current?.send(command);
    this.#generations.delete(id);
    if (!generation) return;
    this.#tell(
      reason === 'cancelled' ? generation.cancel() : generation.fail(new HeadwayError(reason, cancelMessage(reason))),
    );
  }

  #receive(process: EngineProcess, message: ProcessMessage): void {
    switch (message.kind) {
      case 'opened':
        this.#onOpened(process, message.models);
        return;
      case 'unopened':
        this.#fatal = fromPlainError(message.error);
        this.#gate.fail(this.#fatal);
        process.kill();
        return;
      case 'download':
        this.#options.onDownload?.(message.progress);
        return;
      case 'refused':
        this.#end([message.id], fromPlainError(message.error));
        return;
      case 'event':
        this.#onEvent(message);
        return;
      default:
        message satisfies never;
    }
  }

  #onOpened(process: EngineProcess, models: ModelInfo[]): void {
    this.#models = models;
    if (this.#closing) return;
    this.#gate.open(process);
    process.ask('ready').then(
      () => (this.#loadedOnce = true),
      // Whoever asks hears of it, and of an end everybody does.
      () => undefined,
    );
    for (const id of this.#held) {
      const generation = this.#generations.get(id);
      if (!generation) continue;
      this.#unanswered.add(id);
      process.send(generation.command());
    }
    this.#held.clear();
  }

  #onEvent(message: EngineMessage & { kind: 'event' }): void {
    const { id, event } = message;
    this.#unanswered.delete(id);
    this.#generations.get(id)?.add(event);
    if (endsStream(event)) this.#generations.delete(id);
    // Whoever can finish an answer is well.
    if (event.type === 'done' && event.finishReason !== 'cancelled') this.#crashes = 0;
    this.#options.onMessage(message);
  }

  #onEnd(end: ProcessEnd): void {
    const running = [...this.#generations.keys()].filter((id) => !this.#held.has(id));
    this.#gate.shut();
    if (this.#closing) return this.#end(running, new HeadwayError('shutting-down', cancelMessage('shutting-down')));
    if (this.#fatal) return this.#end([...this.#generations.keys()], this.#fatal);
    this.#crashes++;
    this.#lastCrash = describeEnd(end);
    const error = engineCrashed(end);
    const restartMs = restartDelayMs(this.#crashes);
    this.#restart = setTimeout(() => {
      this.#restarts++;
      this.#process = this.#start();
    }, restartMs);
    this.#options.onProcess?.({ type: 'crashed', reason: this.#lastCrash, output: end.output, restartMs });
    if (!this.#loadedOnce) this.#gate.turnAway(crashedInLoading(this.#lastCrash));
    this.#end(this.#crashes > patience ? [...this.#generations.keys()] : running, error);
  }

  /** Ends generations that no engine ends. */
  #end(ids: readonly string[], error: HeadwayError): void {
    for (const id of ids) {
      const generation = this.#generations.get(id);
      this.#generations.delete(id);
      this.#unanswered.delete(id);
      this.#held.delete(id);
      if (generation) this.#tell(generation.fail(error));
    }
  }

  #tell(messages: readonly EngineMessage[]): void {
    for (const message of messages) this.#options.onMessage(message);
  }

  /** Null when there is no process that answers. */
  #ask<Answer>(name: QueryName): Promise<Answer | null> {
    const process = this.#gate.current;
    if (!process) return Promise.resolve(null);
    const known = this.#questions.get(name);
    const question = known ?? process.ask(name).finally(() => this.#questions.delete(name));
    this.#questions.set(name, question);
    return within(answerMs, question as Promise<Answer>).catch(() => null);
  }

  /** What is wrong with the engine, if anything is. */
  #trouble(): string | undefined {
    if (this.#fatal) return this.#fatal.message;
    if (this.#gate.current) return 'the engine does not answer';
    return this.#lastCrash === null ? undefined : `the engine ${this.#lastCrash}; it is being started again`;
  }
}

function crashedInLoading(reason: string): HeadwayError {
  return new HeadwayError(
    'engine-crashed',
    `the engine ${reason} while it loaded its models; check that they fit the memory of this machine: fewer slots, a smaller context and a smaller model need less`,
  );
}
