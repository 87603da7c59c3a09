import {
  endsStream,
  HeadwayError,
  type DetokenizeRequest,
  type Estimate,
  type GenerateRequest,
  type ModelInfo,
  type TextToken,
  type TokenizeRequest,
} from '@headway/protocol';

import type { DownloadProgress } from '../backend/backend.ts';
import type { EngineActivity, EngineCommand, EngineMessage, EnginePort } from '../port/engine-port.ts';
import { idConflict } from '../port/id-conflict.ts';
import { fromPlainError } from '../port/plain-error.ts';
import { queueFull } from '../scheduling/queue-errors.ts';
import { requestFingerprint } from '../port/request-fingerprint.ts';
import { cancelMessage } from '../host/run-generation.ts';
import { CrashSuspects, type Suspect } from './crash-suspects.ts';
import type { EngineProcess } from './process/engine-process.ts';
import type { QueryName } from './process/process-messages.ts';
import { ProcessSupervisor, type ProcessSupervisorOptions } from './process/process-supervisor.ts';
import { TrackedGeneration, type GenerateCommand } from './tracked-generation.ts';
import { within } from './within.ts';

export interface IsolatedPortOptions extends Pick<
  ProcessSupervisorOptions,
  'order' | 'execArgv' | 'pulse' | 'onProcess'
> {
  /** Requests that may wait while the engine comes back. */
  maxHeld: number;
  onMessage: (message: EngineMessage) => void;
  onDownload: ((progress: DownloadProgress) => void) | undefined;
}

/** How long a process may take to answer a question before what is known has to do, in ms. */
const answerMs = 1000;
/** Requests that may be on their way to a process that has not said anything about them. */
const mostUnanswered = 1024;

/**
 * The port of an engine in a process of its own. What was running in a process that ends is ended here, in good order;
 * what comes while there is none waits, in the phase `loading`.
 */
export class IsolatedPort implements EnginePort {
  readonly #options: IsolatedPortOptions;
  readonly #supervisor: ProcessSupervisor;
  readonly #generations = new Map<string, TrackedGeneration>();
  /** Those that wait for a process, the first one first. */
  readonly #held = new Set<string>();
  /** Those of which the process has said nothing yet. */
  readonly #unanswered = new Set<string>();
  /** Those that are asked just now: whoever asks the same gets the same answer. */
  readonly #questions = new Map<QueryName, Promise<unknown>>();
  readonly #suspects = new CrashSuspects();
  #models: ModelInfo[] = [];
  #closing: HeadwayError | null = null;

  constructor({ maxHeld, onMessage, onDownload, ...options }: IsolatedPortOptions) {
    this.#options = { maxHeld, onMessage, onDownload, ...options };
    this.#supervisor = new ProcessSupervisor({
      ...options,
      onMessage: (message) => {
        if (message.kind === 'event') this.#onEvent(message);
        else if (message.kind === 'refused') this.#end([message.id], fromPlainError(message.error));
        else onDownload?.(message.progress);
      },
      onOpened: (process, models) => {
        this.#models = models;
        this.#sendHeld(process);
      },
      onCrash: () => this.#suspects.crashed(this.#atWork()),
      onGone: (error) => this.#onGone(error),
    });
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
    if (this.#models.length === 0) await this.#supervisor.opened();
    const models = await this.#ask<ModelInfo[]>('models');
    if (models) return (this.#models = models);
    const { failure, trouble } = this.#supervisor;
    return this.#models.map((model) => ({ ...model, state: failure ? 'failed' : 'loading', error: trouble }));
  }

  /** @throws HeadwayError also `engine-crashed` while there is no process to ask */
  async estimate(request: GenerateRequest, owner: string): Promise<Estimate> {
    return (await this.#present().ask('estimate', request, owner)) as Estimate;
  }

  async applyTemplate(request: GenerateRequest): Promise<string> {
    return (await this.#present().ask('applyTemplate', request)) as string;
  }

  async tokenize(request: TokenizeRequest, owner: string): Promise<TextToken[]> {
    return (await this.#present().ask('tokenize', request, owner)) as TextToken[];
  }

  async detokenize(request: DetokenizeRequest): Promise<string> {
    return (await this.#present().ask('detokenize', request)) as string;
  }

  async activity(): Promise<EngineActivity> {
    const activity = await this.#ask<EngineActivity>('activity');
    const process = this.#supervisor.history;
    if (activity) return { ...activity, process };
    const total = this.#models.reduce((sum, { slots }) => sum + slots, 0);
    const busy = Math.min(total, this.#generations.size - this.#held.size);
    return { slots: { total, busy }, queued: this.#generations.size - busy, process };
  }

  ready(): Promise<void> {
    return this.#supervisor.ready();
  }

  close(): Promise<void> {
    this.#closing ??= new HeadwayError('shutting-down', cancelMessage('shutting-down'));
    this.#end([...this.#held], this.#closing);
    return this.#supervisor.close(this.#closing);
  }

  #generate(command: GenerateCommand): void {
    const { id } = command;
    const generation = new TrackedGeneration(command);
    const refusal = this.#refusal(command);
    if (refusal) return this.#tell(generation.fail(refusal));
    this.#generations.set(id, generation);
    const { current } = this.#supervisor;
    if (current) {
      this.#unanswered.add(id);
      return current.send(command);
    }
    this.#held.add(id);
    // As in the engine, the caller holds its generation before the first event comes.
    queueMicrotask(() => {
      if (this.#held.has(id) && this.#generations.get(id) === generation) this.#tell([generation.loading()]);
    });
  }

  /** Why a request is not taken now. */
  #refusal({ id, owner, request }: GenerateCommand): HeadwayError | null {
    const { current, failure, hopeless, trouble } = this.#supervisor;
    if (this.#closing) return this.#closing;
    if (failure) return failure;
    if (this.#generations.has(id)) return idConflict(request.id);
    if (this.#unanswered.size >= mostUnanswered) return queueFull(this.#unanswered.size);
    if (this.#suspects.suspects(owner)) {
      const refusal = this.#suspects.refusal({ owner, fingerprint: requestFingerprint(request) });
      if (refusal) return refusal;
    }
    if (current) return null;
    if (hopeless) return new HeadwayError('engine-crashed', `${trouble}; try again later`);
    return this.#held.size >= this.#options.maxHeld ? queueFull(this.#held.size) : null;
  }

  #cancel(command: EngineCommand & { kind: 'cancel' }): void {
    const { id, reason } = command;
    if (!this.#held.has(id)) return this.#supervisor.current?.send(command);
    if (reason === 'cancelled') this.#tell(this.#forget(id)?.cancel() ?? []);
    else this.#end([id], new HeadwayError(reason, cancelMessage(reason)));
  }

  #sendHeld(process: EngineProcess): void {
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
    if (event.type === 'done' && event.finishReason !== 'cancelled') this.#supervisor.provesHealthy();
    this.#options.onMessage(message);
  }

  /** What a process works on that has just ended. */
  #atWork(): Suspect[] {
    const sent = [...this.#generations].filter(([id]) => !this.#held.has(id));
    return sent.flatMap(([, generation]) => generation.suspect ?? []);
  }

  #onGone(error: HeadwayError): void {
    const everybody = [...this.#generations.keys()];
    const waitsInVain = this.#supervisor.hopeless || this.#supervisor.failure !== null;
    this.#end(waitsInVain ? everybody : everybody.filter((id) => !this.#held.has(id)), this.#closing ?? error);
  }

  /** Ends generations that no engine ends. */
  #end(ids: readonly string[], error: HeadwayError): void {
    for (const id of ids) this.#tell(this.#forget(id)?.fail(error) ?? []);
  }

  #forget(id: string): TrackedGeneration | undefined {
    const generation = this.#generations.get(id);
    this.#generations.delete(id);
    this.#unanswered.delete(id);
    this.#held.delete(id);
    return generation;
  }

  #tell(messages: readonly EngineMessage[]): void {
    for (const message of messages) this.#options.onMessage(message);
  }

  /** The process to ask. @throws HeadwayError why there is none, `engine-crashed` among others */
  #present(): EngineProcess {
    const { current, failure, trouble } = this.#supervisor;
    if (this.#closing) throw this.#closing;
    if (failure) throw failure;
    if (!current) throw new HeadwayError('engine-crashed', `${trouble}; ask again in a moment`);
    return current;
  }

  /** Null when there is no process that answers. */
  #ask<Answer>(name: QueryName): Promise<Answer | null> {
    const { current } = this.#supervisor;
    if (!current) return Promise.resolve(null);
    const question = this.#questions.get(name) ?? current.ask(name).finally(() => this.#questions.delete(name));
    this.#questions.set(name, question);
    return within(answerMs, question as Promise<Answer>).catch(() => null);
  }
}
