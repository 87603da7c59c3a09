import { HeadwayError, toHeadwayError, type GenerateRequest, type ModelInfo } from '@headway/protocol';

import { aborting } from './aborting.ts';
import { admit, type Admitted } from './admission.ts';
import type { Backend, DownloadProgress, LoadedModel, PrepareOptions } from '../backend/backend.ts';
import { checkGrammars } from '../grammar/check-grammars.ts';
import type { Clock } from '../timing/clock.ts';
import type { KeptSchemas } from '../grammar/kept-schemas.ts';
import { PrefillRate } from '../timing/prefill-rate.ts';
import { PrefillTurns } from '../scheduling/prefill-scheduler.ts';
import { TimeToGo } from '../scheduling/prefill-planner.ts';
import { queueFull } from '../scheduling/queue-errors.ts';
import { SlotPool } from '../scheduling/slot-pool.ts';

export interface HostedModelOptions {
  parallel: number;
  contextSize: number | null;
  maxQueue: number;
  queueTimeoutMs: number;
  itlBudgetMs: number;
  clock: Clock;
  onDownload?: (progress: DownloadProgress) => void;
}

/** What a prompt is for. Each has bounds of its own, so that asking takes no place from doing. */
export type Purpose = 'request' | 'estimate';

/** A model with what the engine keeps about it: its slots, its queue, its speed. */
export interface OpenModel {
  loaded: LoadedModel;
  pool: SlotPool;
  rate: PrefillRate;
  turns: PrefillTurns;
  timeToGo: TimeToGo;
}

/** One model of the engine, from the order to load it to its disposal. */
export class HostedModel {
  readonly backend: Backend;
  /** Resolves when it is open. Rejects with HeadwayError `model-load-failed`. */
  readonly opening: Promise<OpenModel>;
  readonly #slots: number;
  readonly #maxQueue: number;
  readonly #loadingWaiters: Record<Purpose, number> = { request: 0, estimate: 0 };
  readonly #preparing: Record<Purpose, number> = { request: 0, estimate: 0 };
  readonly #closing = new AbortController();
  #open: OpenModel | null = null;
  #error: HeadwayError | null = null;

  constructor(
    backend: Backend,
    { parallel, contextSize, maxQueue, queueTimeoutMs, itlBudgetMs, clock, onDownload }: HostedModelOptions,
  ) {
    this.backend = backend;
    this.#slots = parallel;
    this.#maxQueue = maxQueue;
    const loading = backend.load({
      parallel,
      contextSize,
      ...(onDownload && {
        onDownload: (downloaded, total) => onDownload({ modelId: backend.modelId, downloaded, total }),
      }),
      signal: this.#closing.signal,
    });
    this.opening = loading.then(
      (loaded) => {
        const rate = new PrefillRate();
        for (const { ms, ...reading } of loaded.readings) rate.add({ ...reading, decoders: 0 }, ms);
        const pool = new SlotPool(loaded.slots, { maxQueue, queueTimeoutMs, clock });
        const turns = new PrefillTurns(clock, rate);
        const timeToGo = new TimeToGo({
          rate,
          turns,
          maxChunk: loaded.maxChunk,
          itlBudgetMs,
        });
        return (this.#open = { loaded, pool, rate, turns, timeToGo });
      },
      (thrown: unknown) => {
        throw (this.#error = toHeadwayError(thrown, 'model-load-failed'));
      },
    );
    // Whoever needs the model hears of the failure; `info` tells everybody else.
    this.opening.catch(() => undefined);
  }

  /** Null while it loads and when it failed. */
  get open(): OpenModel | null {
    return this.#open;
  }

  /** Why it could not be loaded. */
  get error(): HeadwayError | null {
    return this.#error;
  }

  /** Requests that wait: for the model while it loads, for a slot after that. */
  get queued(): number {
    return this.#loadingWaiters.request + (this.#open?.pool.queued ?? 0);
  }

  /**
   * Resolves when it is open: at once, or after `onWait` was called and the model is loaded.
   *
   * @throws HeadwayError `model-load-failed`, `queue-full` when as many wait for the same purpose as will find a slot or a
   * place in the queue; the signal's reason when it aborts
   */
  async untilOpen(purpose: Purpose, signal: AbortSignal, onWait?: () => void): Promise<OpenModel> {
    if (this.#open) return this.#open;
    return this.#bounded(this.#loadingWaiters, purpose, () => {
      onWait?.();
      return aborting(this.opening, signal);
    });
  }

  /**
   * Renders and tokenises a request.
   *
   * @throws HeadwayError as `admit` does, and `queue-full` when as many are being prepared for the same purpose as will
   * find a slot or a place in the queue; the signal's reason when it aborts
   */
  async prepare(
    purpose: Purpose,
    request: GenerateRequest,
    { loaded }: OpenModel,
    options: PrepareOptions,
  ): Promise<Admitted> {
    return this.#bounded(this.#preparing, purpose, () => admit(loaded, request, options));
  }

  /**
   * Holds a request to its schemas before the model is there: what of them cannot be kept is known from the request alone.
   *
   * @throws HeadwayError as `checkGrammars` does, and `queue-full` as `prepare`; the signal's reason when it aborts
   */
  async check(purpose: Purpose, request: GenerateRequest, signal: AbortSignal): Promise<KeptSchemas> {
    return this.#bounded(this.#preparing, purpose, () => checkGrammars(request, signal));
  }

  /**
   * Asks for words alone, when it is open: what it takes counts as an estimate does.
   *
   * @throws HeadwayError as `untilOpen`; what `ask` throws
   */
  async inWords<Words>(ask: (loaded: LoadedModel) => Promise<Words>, signal: AbortSignal): Promise<Words> {
    const { loaded } = await this.untilOpen('estimate', signal);
    return this.#bounded(this.#preparing, 'estimate', () => ask(loaded));
  }

  info(): ModelInfo {
    const loaded = this.#open?.loaded;
    return {
      id: this.backend.modelId,
      state: loaded ? 'ready' : this.#error ? 'failed' : 'loading',
      ...(this.#error && { error: this.#error.message }),
      backend: this.backend.name,
      contextSize: loaded?.contextSize ?? null,
      slots: loaded?.slots.length ?? this.#slots,
      parameters: loaded?.parameters ?? null,
      sizeBytes: loaded?.sizeBytes ?? null,
      threads: loaded?.threads?.decode ?? null,
      prefillThreads: loaded?.threads?.prefill ?? null,
      device: loaded?.device ?? null,
      ...(loaded?.notices?.length && { notices: [...loaded.notices] }),
    };
  }

  /** Stops loading or frees the model. Its generations must have ended. */
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
    if (counts[purpose] >= this.#slots + this.#maxQueue) throw queueFull(counts[purpose]);
    counts[purpose]++;
    try {
      return await run();
    } finally {
      counts[purpose]--;
    }
  }
}
