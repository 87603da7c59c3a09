import { abortable, HeadwayError, toHeadwayError, type GenerateRequest, type ModelInfo } from '@headway/protocol';

import { admit, type Admitted } from './admission.ts';
import type { Backend, DownloadProgress, LoadedModel, LoadProgress, PrepareOptions } from '../backend/backend.ts';
import { checkGrammars } from '../grammar/check-grammars.ts';
import { LoadShare } from './load-share.ts';
import { idleSlots } from '../port/idle-slots.ts';
import type { ModelSlots } from '../port/engine-port.ts';
import type { Clock } from '../timing/clock.ts';
import type { SchemaCheck } from '../grammar/schema-check.ts';
import { PrefillRate } from '../timing/prefill-rate.ts';
import { PrefillScheduler } from '../scheduling/prefill-scheduler.ts';
import { PrefillPlanner } from '../scheduling/prefill-planner.ts';
import { tooManyPending } from '../scheduling/queue-errors.ts';
import { SlotPool } from '../scheduling/slot-pool.ts';

export interface HostedModelOptions {
  parallel: number;
  contextSize: number | null;
  maxQueue: number;
  queueTimeoutMs: number;
  itlBudgetMs: number;
  clock: Clock;
  onDownload?: (progress: DownloadProgress) => void;
  onLoad?: (progress: LoadProgress) => void;
}

/** What a prompt is prepared for. Each purpose has its own limits, so estimates take no place from requests. */
export type Purpose = 'request' | 'estimate';

/** A loaded model with its slots, queue, measured speed and prefill scheduler. */
export interface OpenModel {
  loaded: LoadedModel;
  pool: SlotPool;
  rate: PrefillRate;
  scheduler: PrefillScheduler;
  planner: PrefillPlanner;
}

/** One model of the engine, from loading to disposal. */
export class HostedModel {
  readonly backend: Backend;
  /** Resolves when the model is loaded. Rejects with HeadwayError `model-load-failed`. */
  readonly opening: Promise<OpenModel>;
  readonly #slots: number;
  readonly #maxQueue: number;
  readonly #loadingWaiters: Record<Purpose, number> = { request: 0, estimate: 0 };
  readonly #preparing: Record<Purpose, number> = { request: 0, estimate: 0 };
  readonly #closing = new AbortController();
  readonly #loadShare: LoadShare;
  #open: OpenModel | null = null;
  #error: HeadwayError | null = null;

  constructor(
    backend: Backend,
    { parallel, contextSize, maxQueue, queueTimeoutMs, itlBudgetMs, clock, onDownload, onLoad }: HostedModelOptions,
  ) {
    this.backend = backend;
    this.#slots = parallel;
    this.#maxQueue = maxQueue;
    const { modelId } = backend;
    this.#loadShare = new LoadShare(clock);
    if (onLoad) this.#loadShare.listen((loaded) => onLoad({ modelId, loaded }));
    const loading = backend.load({
      parallel,
      contextSize,
      ...(onDownload && {
        onDownload: (downloaded, total) => onDownload({ modelId, downloaded, total }),
      }),
      onLoad: (loaded) => this.#loadShare.set(loaded),
      signal: this.#closing.signal,
    });
    this.opening = loading.then(
      (loaded) => {
        const rate = new PrefillRate();
        for (const { ms, ...chunk } of loaded.measuredChunks) rate.add({ ...chunk, decoders: 0 }, ms);
        const { slots, capacity, refusal } = loaded;
        const pool = new SlotPool(slots, { maxQueue, queueTimeoutMs, clock, capacity, refusal });
        loaded.onCapacity?.(() => pool.capacityChanged());
        const scheduler = new PrefillScheduler(clock, rate);
        const planner = new PrefillPlanner({
          rate,
          scheduler,
          maxChunk: loaded.maxChunk,
          itlBudgetMs,
        });
        return (this.#open = { loaded, pool, rate, scheduler, planner });
      },
      (thrown: unknown) => {
        throw (this.#error = toHeadwayError(thrown, 'model-load-failed'));
      },
    );
    // `untilOpen` throws the failure and `info` reports it; without this Node would report an unhandled rejection.
    this.opening.catch(() => undefined);
  }

  /** Null while the model loads and after loading failed. */
  get open(): OpenModel | null {
    return this.#open;
  }

  /** Why loading failed. */
  get error(): HeadwayError | null {
    return this.#error;
  }

  /** Waiting requests: for the model while it loads, afterwards for a slot. */
  get queued(): number {
    return this.#loadingWaiters.request + (this.#open?.pool.queued ?? 0);
  }

  activity(): ModelSlots {
    const slots = this.#open?.pool.slots() ?? idleSlots(this.#slots);
    return { id: this.backend.modelId, queued: this.queued, slots };
  }

  /**
   * Resolves when the model is loaded. While it loads, calls `onLoad` at once and with news of the share that is loaded.
   *
   * @throws HeadwayError `model-load-failed`; `queue-full` when the slots and the queue are all taken by prompts that
   * wait for the same purpose; the signal's reason when it aborts
   */
  async untilOpen(
    purpose: Purpose,
    signal: AbortSignal,
    onLoad: (loaded: number | null) => void = () => undefined,
  ): Promise<OpenModel> {
    if (this.#open) return this.#open;
    return this.#bounded(this.#loadingWaiters, purpose, async () => {
      onLoad(this.#loadShare.value);
      const unlisten = this.#loadShare.listen(onLoad);
      return abortable(this.opening, signal).finally(unlisten);
    });
  }

  /**
   * Renders and tokenises a request.
   *
   * @throws HeadwayError as `admit`; `queue-full` when as many prompts as there are slots and places in the queue are
   * being prepared for the same purpose; the signal's reason when it aborts
   */
  async prepare(
    purpose: Purpose,
    request: GenerateRequest,
    { loaded }: OpenModel,
    options: PrepareOptions,
  ): Promise<Admitted> {
    const exact = purpose === 'estimate';
    return this.#bounded(this.#preparing, purpose, () => admit(loaded, request, { ...options, exact }));
  }

  /**
   * Compiles a request's grammars without the model: what they cannot enforce depends on the request alone.
   *
   * @throws HeadwayError as `checkGrammars`; `queue-full` as `prepare`; the signal's reason when it aborts
   */
  async check(purpose: Purpose, request: GenerateRequest, signal: AbortSignal): Promise<SchemaCheck> {
    return this.#bounded(this.#preparing, purpose, () => checkGrammars(request, signal));
  }

  /**
   * Runs a query that needs no slot, such as tokenising, once the model is loaded. It counts as an estimate.
   *
   * @throws HeadwayError as `untilOpen`; what `query` throws
   */
  async withModel<Result>(query: (loaded: LoadedModel) => Promise<Result>, signal: AbortSignal): Promise<Result> {
    const { loaded } = await this.untilOpen('estimate', signal);
    return this.#bounded(this.#preparing, 'estimate', () => query(loaded));
  }

  info(): ModelInfo {
    const { loaded, scheduler, planner } = this.#open ?? {};
    const interference = planner && scheduler?.interference.reading(planner.budgetMs);
    return {
      id: this.backend.modelId,
      state: loaded ? 'ready' : this.#error ? 'failed' : 'loading',
      ...(!loaded && !this.#error && this.#loadShare.value !== null && { loaded: this.#loadShare.value }),
      ...(this.#error && { error: this.#error.message }),
      backend: this.backend.name,
      contextSize: loaded?.contextSize ?? null,
      slots: loaded?.slots.length ?? this.#slots,
      parameters: loaded?.parameters ?? null,
      sizeBytes: loaded?.sizeBytes ?? null,
      threads: loaded?.threads?.decode ?? null,
      prefillThreads: loaded?.threads?.prefill ?? null,
      ...(loaded?.decodeTrials?.length && { decodeTrials: [...loaded.decodeTrials] }),
      device: loaded?.device ?? null,
      ...(loaded?.binary && { binary: loaded.binary }),
      ...(loaded?.compute && { compute: loaded.compute }),
      ...(loaded?.remote && { remote: loaded.remote }),
      ...(interference && { interference }),
      ...(loaded?.notices?.length && { notices: [...loaded.notices] }),
    };
  }

  /** Stops loading, or frees the model. Its generations must have ended. */
  async close(): Promise<void> {
    this.#closing.abort(new HeadwayError('shutting-down', 'the engine was closed'));
    const open = await this.opening.catch(() => null);
    await open?.loaded.dispose();
  }

  async #bounded<Result>(
    counts: Record<Purpose, number>,
    purpose: Purpose,
    run: () => Promise<Result>,
  ): Promise<Result> {
    if (counts[purpose] >= this.#slots + this.#maxQueue) throw tooManyPending(counts[purpose]);
    counts[purpose]++;
    try {
      return await run();
    } finally {
      counts[purpose]--;
    }
  }
}
