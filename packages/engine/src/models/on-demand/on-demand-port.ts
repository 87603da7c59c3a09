import {
  endsStream,
  HeadwayError,
  toHeadwayError,
  type DetokenizeRequest,
  type Estimate,
  type GenerateRequest,
  type ModelInfo,
  type TextToken,
  type TokenizeRequest,
} from '@headway/protocol';

import type { LoadProgress } from '../../backend/backend.ts';
import type { GenerateCommand } from '../../isolation/tracked-generation.ts';
import { cancelMessage } from '../../port/cancel-message.ts';
import type { EngineActivity, EngineCommand, EngineMessage, EnginePort } from '../../port/engine-port.ts';
import { idConflict } from '../../port/id-conflict.ts';
import { idleSlots } from '../../port/idle-slots.ts';
import { fromPlainError, toPlainError } from '../../port/plain-error.ts';
import type { Clock } from '../../timing/clock.ts';
import { isAllInRam } from '../memory/memory-in-use.ts';
import type { MemoryHolder, ModelMemory } from '../memory/model-memory.ts';
import type { ModelUse } from '../memory/plan-room.ts';
import { MemoryDemand } from '../need/memory-demand.ts';
import type { MeasuredNeed } from '../need/measure-need.ts';
import { HeldGeneration } from './held-generation.ts';
import type { ProcessPort } from './process-port.ts';
import { WaitingRequests, type WaitingRequest } from './waiting-requests.ts';

export interface OpenedOptions {
  contextSize: number | null;
  onMessage: (message: EngineMessage) => void;
  onLoad: (progress: LoadProgress) => void;
}

export interface OnDemandPortOptions {
  /** What is known of the model before anything is read. */
  info: ModelInfo;
  maxQueue: number;
  queueTimeoutMs: number;
  /** The model is unloaded when it was idle for so long; null: only to make room. */
  ttlMs: number | null;
  clock: Clock;
  memory: ModelMemory;
  measure: (signal: AbortSignal) => Promise<MeasuredNeed>;
  /** Starts the model's process. */
  open: (options: OpenedOptions) => ProcessPort;
  onMessage: (message: EngineMessage) => void;
}

/**
 * A model that is loaded when a request asks for it, in a process of its own, and unloaded to make room for others or when
 * it was idle for its time. Requests wait for it in the phase `loading`. A load that failed is tried again by the next
 * request.
 */
export class OnDemandPort implements EnginePort, MemoryHolder {
  readonly #options: OnDemandPortOptions;
  readonly #waiting: WaitingRequests;
  readonly #demand: MemoryDemand;
  readonly #held = new Map<string, HeldGeneration>();
  /** Ids of the generations that the process works on. */
  readonly #running = new Set<string>();
  readonly #closing = new AbortController();
  #state: 'unloaded' | 'loading' | 'ready' | 'unloading' = 'unloaded';
  #port: ProcessPort | null = null;
  #failure: HeadwayError | null = null;
  #info: ModelInfo;
  #loaded = 0;
  #barred = false;
  /** Queries that run, and a release of what waits. */
  #work = 0;
  #lastUsed = 0;
  #stopTtl: (() => void) | null = null;
  #leaving: Promise<void> | null = null;
  #closed: Promise<void> | null = null;

  constructor(options: OnDemandPortOptions) {
    const { info, maxQueue, queueTimeoutMs: timeoutMs, clock, memory, measure } = options;
    this.#options = options;
    this.#info = info;
    const onTimeout = () => this.#withdrawUnlessAsked();
    this.#waiting = new WaitingRequests({ most: info.slots + maxQueue, timeoutMs, clock, onTimeout });
    const { signal } = this.#closing;
    this.#demand = new MemoryDemand({ modelId: info.id, limit: memory.limit, measure, signal });
    memory.add(this);
    // `ready` throws the failure and `models` reports it.
    this.#measure().catch(() => undefined);
  }

  get id(): string {
    return this.#info.id;
  }

  get use(): ModelUse | null {
    const state = this.#memoryState();
    return state && { id: this.id, bytes: this.#bytes(), state, lastUsed: this.#lastUsed };
  }

  get need(): number {
    return this.#demand.bytes;
  }

  send(command: EngineCommand): void {
    switch (command.kind) {
      case 'generate':
        this.#generate(command);
        return;
      case 'cancel': {
        const held = this.#held.get(command.id);
        if (!held) return this.#port?.send(command);
        this.#waiting.delete(held);
        held.cancel(command.reason);
        this.#withdrawUnlessAsked();
        return;
      }
      case 'cancel-choice': {
        const held = this.#held.get(command.id);
        if (!held) return this.#port?.send(command);
        held.cancelChoice(command.index);
        if (!held.over) return;
        this.#waiting.delete(held);
        this.#withdrawUnlessAsked();
        return;
      }
      default:
        command satisfies never;
    }
  }

  estimate(request: GenerateRequest, owner: string): Promise<Estimate> {
    return this.#query((port) => port.estimate(request, owner));
  }

  applyTemplate(request: GenerateRequest): Promise<string> {
    return this.#query((port) => port.applyTemplate(request));
  }

  tokenize(request: TokenizeRequest, owner: string): Promise<TextToken[]> {
    return this.#query((port) => port.tokenize(request, owner));
  }

  detokenize(request: DetokenizeRequest): Promise<string> {
    return this.#query((port) => port.detokenize(request));
  }

  async models(): Promise<ModelInfo[]> {
    const port = this.#state === 'ready' ? this.#port : null;
    const [now] = (await port?.models()) ?? [];
    if (now) this.#know(now);
    return [{ ...this.#info, ...(now?.error !== undefined && { error: now.error }), ...this.#status(now?.state) }];
  }

  async activity(): Promise<EngineActivity> {
    const total = this.#info.slots;
    const port = this.#state === 'ready' ? await this.#port?.activity() : null;
    const queued = this.#waiting.size + (port?.queued ?? 0);
    return {
      slots: { total, busy: port?.slots.busy ?? 0 },
      queued,
      models: [{ id: this.id, queued, slots: port?.models[0]?.slots ?? idleSlots(total) }],
    };
  }

  async ready(): Promise<void> {
    await this.#measure();
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  admit(): void {
    if (this.#state === 'ready') this.#release();
    if (this.#state === 'unloaded') this.#load();
  }

  unload(): void {
    if (this.#state === 'ready' && this.#isIdle) this.#leave();
  }

  bar(barred: boolean): void {
    this.#barred = barred;
  }

  get #isIdle(): boolean {
    return this.#running.size === 0 && this.#work === 0;
  }

  #memoryState(): ModelUse['state'] | null {
    switch (this.#state) {
      case 'unloaded':
        return null;
      case 'loading':
        return 'loading';
      case 'ready':
        return this.#isIdle ? 'idle' : 'busy';
      case 'unloading':
        return 'leaving';
      default:
        return this.#state satisfies never;
    }
  }

  #bytes(): number {
    if (this.#state !== 'ready') return this.#demand.bytes;
    return this.#demand.taken(this.#port?.memoryBytes ?? null, this.#info.device);
  }

  /** What the model got stays known when it is unloaded; what goes wrong in its process does not. */
  #know({ error: _error, ...info }: ModelInfo): void {
    this.#info = info;
  }

  /** `process`: the model's state in its process. */
  #status(process?: ModelInfo['state']): Partial<ModelInfo> {
    const taken = this.#state === 'unloaded' ? null : (this.#port?.memoryBytes ?? null);
    const memory = taken === null || isAllInRam(this.#info.device) ? { memoryBytes: taken } : {};
    if (this.#failure) return { state: 'failed', error: this.#failure.message, onDemand: true, ...memory };
    if (!this.#demand.need) return { state: 'loading', ...memory };
    const state = this.#state === 'ready' ? (process ?? 'ready') : this.#state;
    return { state, onDemand: true, ...(state === 'loading' && { loaded: this.#loaded }), ...memory };
  }

  #generate(command: GenerateCommand): void {
    const { id, request } = command;
    try {
      this.#closing.signal.throwIfAborted();
      if (this.#demand.refusal) throw this.#demand.refusal;
      if (this.#held.has(id) || this.#running.has(id)) throw idConflict(request.id);
      const port = this.#openPort();
      if (!port) return this.#hold(command);
      this.#begin();
      this.#running.add(id);
      port.send(command);
    } catch (thrown) {
      this.#options.onMessage({ kind: 'refused', id, error: toPlainError(thrown) });
    }
  }

  /** The port of the process, when the model is loaded and takes new work. */
  #openPort(): ProcessPort | null {
    return this.#state === 'ready' && !this.#barred ? this.#port : null;
  }

  /** @throws HeadwayError `queue-full` */
  #hold(command: GenerateCommand): void {
    const { id } = command;
    const held = new HeldGeneration({
      command,
      onMessage: this.#options.onMessage,
      onEnd: (port) => {
        this.#held.delete(id);
        if (port) this.#running.add(id);
      },
    });
    this.#wait(held);
    if (!this.#waiting.has(held)) return;
    this.#held.set(id, held);
    // Emit the first event only after the caller has received its generation.
    queueMicrotask(() => {
      if (this.#held.get(id) === held) held.onLoad(this.#state === 'loading' ? this.#loaded : 0);
    });
  }

  /** @throws HeadwayError `queue-full` */
  #wait(request: WaitingRequest): void {
    // A download is part of loading, too, and takes its time.
    this.#waiting.add(request, this.#state !== 'loading' && this.#demand.need !== null);
    if (this.#state === 'loading') return;
    // At once, so that models are asked for in the order in which requests arrive.
    if (this.#demand.need) return this.#options.memory.ask(this);
    this.#measure().then(
      () => {
        if (this.#waiting.size === 0 || this.#state === 'loading') return;
        this.#waiting.startTimers();
        this.#options.memory.ask(this);
      },
      (thrown: unknown) => this.#waiting.failAll(toHeadwayError(thrown)),
    );
  }

  #withdrawUnlessAsked(): void {
    if (this.#waiting.size === 0) this.#options.memory.withdraw(this);
  }

  /**
   * Runs a query once the model is loaded.
   *
   * @throws HeadwayError as `#measure`; `queue-full`; why the model is not loaded; what `query` throws
   */
  #query<Answer>(query: (port: ProcessPort) => Promise<Answer>): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#closing.signal.throwIfAborted();
      if (this.#demand.refusal) throw this.#demand.refusal;
      const start = (port: ProcessPort) => {
        this.#begin();
        this.#work++;
        const end = () => {
          this.#work--;
          this.#rest();
        };
        query(port).finally(end).then(resolve, reject);
      };
      const port = this.#openPort();
      if (port) start(port);
      else this.#wait({ start, fail: reject });
    });
  }

  /** Resolves once it is known what the model needs. @throws HeadwayError as `MemoryDemand.measure` */
  async #measure(): Promise<void> {
    const known = this.#demand.need !== null;
    try {
      const { sizeBytes, parameters, backend, contextSize } = await this.#demand.measure();
      // What the model itself has told is right.
      if (this.#info.contextSize === null) this.#info = { ...this.#info, sizeBytes, parameters, backend, contextSize };
      if (!known) this.#failure = null;
    } catch (thrown) {
      throw (this.#failure = toHeadwayError(thrown));
    }
  }

  #load(): void {
    this.#state = 'loading';
    this.#loaded = 0;
    this.#failure = null;
    this.#waiting.stopTimers();
    const port = this.#options.open({
      contextSize: this.#demand.need?.contextSize ?? null,
      onMessage: (message) => this.#receive(message),
      onLoad: ({ loaded }) => {
        this.#loaded = Math.max(loaded, this.#loaded);
        this.#waiting.onLoad(this.#loaded);
      },
    });
    this.#port = port;
    // The device must be known when the memory is counted.
    const loading = port.ready().then(() => port.models());
    loading.then(
      ([info]) => this.#onLoaded(info),
      (thrown: unknown) => this.#onLoadFailed(toHeadwayError(thrown, 'model-load-failed')),
    );
  }

  #onLoaded(info: ModelInfo | undefined): void {
    if (this.#closing.signal.aborted) return;
    if (info) this.#know(info);
    this.#state = 'ready';
    this.#demand.restart();
    this.#release();
  }

  #onLoadFailed(error: HeadwayError): void {
    if (this.#closing.signal.aborted) return;
    this.#failure = error;
    this.#leave();
    this.#waiting.failAll(error);
  }

  /** Lets what waits go to the process. */
  #release(): void {
    if (!this.#port) return;
    this.#begin();
    // One that is refused at once must not make the model look idle before the others are sent.
    this.#work++;
    this.#waiting.startAll(this.#port);
    this.#work--;
    this.#rest();
  }

  #leave(): void {
    this.#stopTtl?.();
    this.#state = 'unloading';
    this.#leaving = Promise.resolve(this.#port?.close()).then(() => {
      this.#port = null;
      this.#state = 'unloaded';
      this.#options.memory.changed();
    });
  }

  #begin(): void {
    this.#stopTtl?.();
    this.#stopTtl = null;
    this.#lastUsed = this.#options.clock.now();
  }

  /** To be called when work has ended, whether or not other work goes on. */
  #rest(): void {
    const { ttlMs, clock, memory } = this.#options;
    this.#lastUsed = clock.now();
    if (this.#state === 'ready' && this.#isIdle && ttlMs !== null && !this.#closing.signal.aborted) {
      this.#stopTtl?.();
      this.#stopTtl = clock.after(ttlMs, () => this.unload());
    }
    memory.changed();
  }

  #receive(message: EngineMessage): void {
    this.#options.onMessage(message);
    if (message.kind === 'event' && !endsStream(message.event)) return;
    this.#running.delete(message.id);
    // A process that was started again after a crash could not load the model; the next request tries anew.
    const failed = message.kind === 'refused' && message.error.code === 'model-load-failed';
    if (failed && this.#state === 'ready' && this.#isIdle) this.#onLoadFailed(fromPlainError(message.error));
    else this.#rest();
  }

  async #close(): Promise<void> {
    const error = new HeadwayError('shutting-down', cancelMessage('shutting-down'));
    this.#closing.abort(error);
    this.#stopTtl?.();
    this.#waiting.failAll(error);
    await Promise.all([this.#port?.close(), this.#leaving, this.#measure().catch(() => undefined)]);
  }
}
