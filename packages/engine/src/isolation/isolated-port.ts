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

import type { DownloadProgress, LoadProgress } from '../backend/backend.ts';
import type { EngineActivity, EngineCommand, EngineMessage, EnginePort, ModelSlots } from '../port/engine-port.ts';
import { idConflict } from '../port/id-conflict.ts';
import { idleSlots } from '../port/idle-slots.ts';
import { fromPlainError } from '../port/plain-error.ts';
import { queueFull, tooManyPending } from '../scheduling/queue-errors.ts';
import { requestFingerprint } from '../port/request-fingerprint.ts';
import { cancelMessage } from '../port/cancel-message.ts';
import { CrashSuspects, type Suspect } from './crash-suspects.ts';
import type { EngineProcess } from './process/engine-process.ts';
import type { QueryName } from './process/process-messages.ts';
import { ProcessSupervisor, type ProcessSupervisorOptions } from './process/process-supervisor.ts';
import { TrackedGeneration, type GenerateCommand } from './tracked-generation.ts';

export interface IsolatedPortOptions extends Pick<
  ProcessSupervisorOptions,
  'order' | 'execArgv' | 'pulse' | 'onProcess'
> {
  /** Most requests that wait while the engine restarts. */
  maxHeld: number;
  onMessage: (message: EngineMessage) => void;
  onDownload: ((progress: DownloadProgress) => void) | undefined;
  onLoad?: ((progress: LoadProgress) => void) | undefined;
  /** What `models` answers until the process does. @default it waits for the process */
  models?: ModelInfo[];
  /** Remembers what crashed the process, also across ports. @default this port alone */
  suspects?: CrashSuspects;
}

/** Longest wait for an answer to `models` or `activity`, in ms; then the port answers with what it knows. */
const queryTimeoutMs = 1000;
/** Most requests that were sent to the process and have no event yet. */
const mostUnanswered = 1024;

/**
 * The port of an engine in a child process. When the process ends, the port ends its generations with an error event
 * each. Requests that arrive while no process takes commands wait in the phase `loading`.
 */
export class IsolatedPort implements EnginePort {
  readonly #options: Omit<IsolatedPortOptions, 'models' | 'suspects'>;
  readonly #supervisor: ProcessSupervisor;
  readonly #generations = new Map<string, TrackedGeneration>();
  /** Ids of generations that wait for a process, in order of arrival. */
  readonly #held = new Set<string>();
  /** Ids of generations that were sent to the process and have no event yet. */
  readonly #unanswered = new Set<string>();
  /** Open queries by name: a second query of the same name shares the answer. */
  readonly #openQueries = new Map<QueryName, Promise<unknown>>();
  readonly #suspects: CrashSuspects;
  #models: ModelInfo[];
  /** What the process last said of its models' slots; null while there is none. */
  #activity: ModelSlots[] | null = null;
  #closing: HeadwayError | null = null;

  constructor({ models = [], suspects = new CrashSuspects(), ...options }: IsolatedPortOptions) {
    this.#options = options;
    this.#models = models;
    this.#suspects = suspects;
    this.#supervisor = new ProcessSupervisor({
      ...options,
      onMessage: (message) => {
        switch (message.kind) {
          case 'event':
            return this.#onEvent(message);
          case 'refused':
            return this.#end([message.id], fromPlainError(message.error));
          case 'download':
            return options.onDownload?.(message.progress);
          case 'load':
            return options.onLoad?.(message.progress);
          default:
            message satisfies never;
        }
      },
      onOpened: (process, opened) => {
        this.#models = opened;
        this.#sendHeld(process);
      },
      onCrash: () => this.#suspects.crashed(this.#running()),
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
      case 'cancel-choice':
        this.#cancelChoice(command);
        return;
      default:
        command satisfies never;
    }
  }

  /** The memory of the process, in bytes; null while there is none. */
  get memoryBytes(): number | null {
    return this.#supervisor.current?.memoryBytes ?? null;
  }

  /** @throws HeadwayError when no process ever reported its models */
  async models(): Promise<ModelInfo[]> {
    if (this.#models.length === 0) await this.#supervisor.opened();
    const models = await this.#query<ModelInfo[]>('models');
    if (models) return (this.#models = models.map((model) => this.#withMemory(model)));
    const { failure, problem } = this.#supervisor;
    return this.#models.map((model) => ({
      ...this.#withMemory(model),
      state: failure ? 'failed' : 'loading',
      error: problem,
    }));
  }

  /** @throws HeadwayError as `EnginePort.estimate`; `engine-crashed` while no process takes commands */
  async estimate(request: GenerateRequest, owner: string): Promise<Estimate> {
    return (await this.#requireProcess().ask('estimate', request, owner)) as Estimate;
  }

  async applyTemplate(request: GenerateRequest): Promise<string> {
    return (await this.#requireProcess().ask('applyTemplate', request)) as string;
  }

  async tokenize(request: TokenizeRequest, owner: string): Promise<TextToken[]> {
    return (await this.#requireProcess().ask('tokenize', request, owner)) as TextToken[];
  }

  async detokenize(request: DetokenizeRequest): Promise<string> {
    return (await this.#requireProcess().ask('detokenize', request)) as string;
  }

  async activity(): Promise<EngineActivity> {
    const activity = await this.#query<EngineActivity>('activity');
    const process = this.#supervisor.history;
    if (activity) {
      this.#activity = activity.models;
      return { ...activity, process };
    }
    const total = this.#models.reduce((sum, { slots }) => sum + slots, 0);
    const busy = Math.min(total, this.#generations.size - this.#held.size);
    const models = this.#activity ?? this.#models.map(({ id, slots }) => ({ id, queued: 0, slots: idleSlots(slots) }));
    return { slots: { total, busy }, queued: this.#generations.size - busy, models, process };
  }

  ready(): Promise<void> {
    return this.#supervisor.ready();
  }

  close(): Promise<void> {
    this.#closing ??= new HeadwayError('shutting-down', cancelMessage('shutting-down'));
    this.#end([...this.#held], this.#closing);
    return this.#supervisor.close(this.#closing);
  }

  /** Adds the memory of the process, where it is that of one model and on the CPU: a GPU's is not in there. */
  #withMemory(model: ModelInfo): ModelInfo {
    const { length } = this.#options.order.backends;
    return length > 1 || (model.device ?? 'cpu') !== 'cpu' ? model : { ...model, memoryBytes: this.memoryBytes };
  }

  #generate(command: GenerateCommand): void {
    const { id } = command;
    const generation = new TrackedGeneration(command);
    const refusal = this.#refusal(command);
    if (refusal) return this.#emit(generation.fail(refusal));
    this.#generations.set(id, generation);
    const { current } = this.#supervisor;
    if (current) {
      this.#unanswered.add(id);
      return current.send(command);
    }
    this.#held.add(id);
    // As in `EngineHost`: emit the first event only after the caller has received its generation.
    queueMicrotask(() => {
      if (this.#held.has(id) && this.#generations.get(id) === generation) this.#emit(generation.loading(null));
    });
  }

  /** The error that refuses a request now; null when the port takes it. */
  #refusal({ id, owner, request }: GenerateCommand): HeadwayError | null {
    const { current, failure, crashLooping, problem } = this.#supervisor;
    if (this.#closing) return this.#closing;
    if (failure) return failure;
    if (this.#generations.has(id)) return idConflict(request.id);
    if (this.#unanswered.size >= mostUnanswered) return tooManyPending(this.#unanswered.size);
    if (this.#suspects.mayRefuse(owner)) {
      const refusal = this.#suspects.refusal({ owner, fingerprint: requestFingerprint(request) });
      if (refusal) return refusal;
    }
    if (current) return null;
    if (crashLooping) return new HeadwayError('engine-crashed', `${problem}; send the request again later`);
    return this.#held.size >= this.#options.maxHeld ? queueFull(this.#held.size) : null;
  }

  #cancel(command: EngineCommand & { kind: 'cancel' }): void {
    const { id, reason } = command;
    if (!this.#held.has(id)) return this.#supervisor.current?.send(command);
    if (reason === 'cancelled') this.#emit(this.#forget(id)?.cancel() ?? []);
    else this.#end([id], new HeadwayError(reason, cancelMessage(reason)));
  }

  #cancelChoice(command: EngineCommand & { kind: 'cancel-choice' }): void {
    const { id, index } = command;
    const generation = this.#held.has(id) ? this.#generations.get(id) : undefined;
    if (!generation) return this.#supervisor.current?.send(command);
    const messages = generation.cancelChoice(index);
    if (generation.over) this.#forget(id);
    this.#emit(messages);
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
    if (event.type === 'done' && event.finishReason !== 'cancelled') this.#supervisor.markHealthy();
    this.#options.onMessage(message);
  }

  /** The requests that the process was working on when it ended. */
  #running(): Suspect[] {
    const sent = [...this.#generations].filter(([id]) => !this.#held.has(id));
    return sent.flatMap(([, generation]) => generation.suspect ?? []);
  }

  #onGone(error: HeadwayError): void {
    this.#activity = null;
    const all = [...this.#generations.keys()];
    const endHeld = this.#supervisor.crashLooping || this.#supervisor.failure !== null;
    this.#end(endHeld ? all : all.filter((id) => !this.#held.has(id)), this.#closing ?? error);
  }

  /** Ends generations with an error from here, because no process will. */
  #end(ids: readonly string[], error: HeadwayError): void {
    for (const id of ids) this.#emit(this.#forget(id)?.fail(error) ?? []);
  }

  #forget(id: string): TrackedGeneration | undefined {
    const generation = this.#generations.get(id);
    this.#generations.delete(id);
    this.#unanswered.delete(id);
    this.#held.delete(id);
    return generation;
  }

  #emit(messages: readonly EngineMessage[]): void {
    for (const message of messages) this.#options.onMessage(message);
  }

  /** The process that takes commands. @throws HeadwayError why there is none: `engine-crashed` and others */
  #requireProcess(): EngineProcess {
    const { current, failure, problem } = this.#supervisor;
    if (this.#closing) throw this.#closing;
    if (failure) throw failure;
    if (!current) throw new HeadwayError('engine-crashed', `${problem}; send the request again in a moment`);
    return current;
  }

  /** Null when there is no process, or when it does not answer in time. */
  #query<Answer>(name: QueryName): Promise<Answer | null> {
    const { current } = this.#supervisor;
    if (!current) return Promise.resolve(null);
    const query = this.#openQueries.get(name) ?? current.ask(name).finally(() => this.#openQueries.delete(name));
    this.#openQueries.set(name, query);
    return withTimeout(queryTimeoutMs, query as Promise<Answer>).catch(() => null);
  }
}

/** The promise's value, or null when it takes longer than `ms`. */
function withTimeout<T>(ms: number, promise: Promise<T>): Promise<T | null> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(null), ms);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
