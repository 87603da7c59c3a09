import { requestFingerprint, type Engine } from '@headway/engine';
import {
  createGenerationId,
  Field,
  fieldError,
  HeadwayError,
  sentence,
  toHeadwayError,
  type GenerateRequest,
  type GenerationInfo,
} from '@headway/protocol';
import type { FastifyBaseLogger } from 'fastify';

import type { Caller } from '../access/caller.ts';
import type { ActiveGeneration } from '../activity/describe-activity.ts';
import { RecentTokens } from '../activity/recent-tokens.ts';
import { AccountCounter } from '../access/limits/account-counter.ts';
import { parseEventId, seqAfter } from './event-id.ts';
import type { GenerationLog } from './log/generation-log.ts';
import { MemoryLog } from './log/memory-log.ts';
import { ImmediateQueue } from './immediate-queue.ts';

import { SharedGeneration } from './shared-generation.ts';
import { ownedKey } from './owned-key.ts';

export interface GenerationRegistryOptions {
  engine: Engine;
  /** How long a generation runs on after its owner's connection dropped, while no client watches it, in ms. @default 30_000 */
  graceMs?: number;
  /** Longest time from a request to its generation's end, its time in the queue included, in ms. @default 7_200_000 */
  maxMs?: number;
  /** Most tokens of a generation, over all its choices. @default 262_144 */
  maxTokens?: number;
  /** Most generations of one owner that are queued or running. @default no limit but the engine's */
  maxEach?: number;
  /** Opens the log of a new generation. @default one in memory that keeps 8 MiB */
  createLog?: (owner: string, id: string) => GenerationLog;
  /** Gets a line at the end of each generation, without any of its text. @default none */
  log?: Pick<FastifyBaseLogger, 'info' | 'error'>;
}

/** How long an ended generation stays readable, in ms. */
const keepMs = 5 * 60_000;
/**
 * Most ended generations, and most bytes of their logs. Beyond either limit, the registry forgets the oldest generation
 * of the owner that takes most.
 */
const keepEnded = 256;
const keepBytes = 256 * 1024 * 1024;
/** Enough for a long answer on a slow machine; it ends one that never ends by itself. */
const defaultMaxMs = 2 * 60 * 60_000;
const defaultMaxTokens = 262_144;
/** About 250,000 tokens. */
const logBytes = 8 * 1024 * 1024;

/** The generation of a request, and the position at which its client starts. */
export interface OpenedGeneration {
  generation: SharedGeneration;
  /** The `seq` after which the client resumes; undefined for the first event. */
  after: number | undefined;
}

/**
 * All generations of a gateway, from all its surfaces: those that are queued or running, and for a time those that have
 * ended. Each owner has its own ids, and cannot find another owner's generations.
 */
export class GenerationRegistry {
  /** What its generations have read and written lately. */
  readonly tokens = new RecentTokens({ now: performance.now() });
  readonly #options: GenerationRegistryOptions;
  readonly #immediates = new ImmediateQueue();
  readonly #generations = new Map<string, SharedGeneration>();
  /** When the registry forgets each ended generation, the oldest first. */
  readonly #ended = new Map<SharedGeneration, number>();
  #endedBytes = 0;
  readonly #runningOf = new AccountCounter();
  #viewers = 0;
  #forgetting: NodeJS.Timeout | undefined;
  #counting: NodeJS.Timeout | undefined;
  #refusesNew = false;
  readonly #settling = new Set<() => void>();

  constructor(options: GenerationRegistryOptions) {
    this.#options = options;
  }

  /** Generations that are queued or running. */
  get running(): number {
    return this.#runningOf.total;
  }

  /** Whether the registry accepts new requests. */
  get takesNew(): boolean {
    return !this.#refusesNew;
  }

  /** Open views. */
  get viewers(): number {
    return this.#viewers;
  }

  /**
   * Starts the generation of a request. A request with an id that its owner has used, or with `lastEventId`, gets the
   * existing generation, running or ended, and the engine does not run again. But a generation that failed with a
   * retryable error runs again for a request without `lastEventId`, because retrying is what such an error asks for.
   *
   * @throws HeadwayError `conflict` when the id belongs to another request, `generation-not-found` when there is no
   * generation to resume, `rate-limited` when the owner has too many, `shutting-down`, `invalid-request` for an invalid
   * `lastEventId`
   */
  open(request: GenerateRequest, { owner }: Caller): OpenedGeneration {
    const position = request.lastEventId === undefined ? null : parseEventId(request.lastEventId);
    const id = request.id ?? position?.id ?? createGenerationId();
    const after = seqAfter(request.lastEventId, id);
    const fingerprint = requestFingerprint(request);
    const known = this.#generations.get(ownedKey(owner, id));
    if (known && known.fingerprint !== fingerprint) throw conflict(id);
    if (known && (position || !known.worthAnotherTry)) return { generation: known, after };
    if (position) throw notFound(id);
    if (this.#refusesNew) {
      throw new HeadwayError('shutting-down', 'the gateway is shutting down; send the request again when it is back');
    }
    const { maxEach = Number.POSITIVE_INFINITY } = this.#options;
    if (this.#runningOf.of(owner) >= maxEach) throw tooMany(maxEach);
    if (known) this.#forget(known);
    // A request with a key cannot put itself before those of other keys.
    const priority = owner === '' ? request.priority : Math.min(0, request.priority);
    return { generation: this.#start({ ...request, id, priority }, owner, fingerprint), after: undefined };
  }

  /** The caller's generation with this id; null when it does not exist or was forgotten. */
  peek(id: string, { owner }: Caller): SharedGeneration | null {
    return this.#generations.get(ownedKey(owner, id)) ?? null;
  }

  /** @throws HeadwayError `generation-not-found` */
  find(id: string, caller: Caller): SharedGeneration {
    const generation = this.peek(id, caller);
    if (!generation) throw notFound(id);
    return generation;
  }

  /**
   * Cancels a generation, or one of its choices. False when the caller has none with this id, or it has ended.
   *
   * @throws HeadwayError `invalid-request` for the index of a choice that it does not have
   */
  cancel(id: string, caller: Caller, index?: number): boolean {
    const generation = this.peek(id, caller);
    if (!generation) return false;
    return index === undefined ? generation.cancel() : generation.cancelChoice(index);
  }

  /** Forgets an ended generation at once. */
  forget(id: string, caller: Caller): void {
    const generation = this.peek(id, caller);
    if (generation?.ended) this.#forget(generation);
  }

  /** The caller's generations, the newest first. */
  list({ owner }: Caller): GenerationInfo[] {
    const own = [...this.#generations.values()].filter((generation) => generation.owner === owner);
    return own.map((generation) => generation.info()).reverse();
  }

  /** The generations of all callers that are queued or run, the oldest first. */
  active(): ActiveGeneration[] {
    const active = [...this.#generations.values()].filter(({ ended }) => !ended);
    return active.map((generation) => ({ owner: generation.owner, info: generation.info() }));
  }

  /** Refuses new requests from now on. Running generations go on, and clients may watch and resume them. */
  refuseNew(): void {
    this.#refusesNew = true;
  }

  /** Ends all generations with the error `shutting-down`. */
  cancelAll(): void {
    for (const generation of this.#generations.values()) generation.cancel('shutting-down');
  }

  /** Resolves when all generations have ended, or when `late` resolves. */
  async ended(late: Promise<void>): Promise<void> {
    await this.#until(() => this.running === 0, late);
  }

  /** Resolves when all generations have ended and all views are closed, or when `late` resolves. */
  async settled(late: Promise<void>): Promise<void> {
    await this.#until(() => this.running === 0 && this.#viewers === 0, late);
  }

  /** Forgets all generations and clears all timers. Cancel running generations first (`cancelAll`). */
  close(): void {
    this.refuseNew();
    clearTimeout(this.#forgetting);
    clearTimeout(this.#counting);
    for (const generation of this.#generations.values()) generation.release();
    this.#generations.clear();
    this.#ended.clear();
    this.#endedBytes = 0;
  }

  #start(request: GenerateRequest & { id: string }, owner: string, fingerprint: string): SharedGeneration {
    const { engine, graceMs = 30_000, maxMs = defaultMaxMs, maxTokens = defaultMaxTokens } = this.#options;
    const { createLog = () => new MemoryLog({ maxBytes: logBytes }) } = this.#options;
    const letGo = this.#runningOf.add(owner);
    if (this.running === 1) this.#countTokens();
    const generation = new SharedGeneration({
      engine,
      owner,
      request,
      fingerprint,
      graceMs,
      most: { ms: maxMs, tokens: maxTokens },
      log: createLog(owner, request.id),
      immediates: this.#immediates,
      tokens: this.tokens,
      onEnd: (ended) => {
        letGo();
        if (this.running === 0) clearTimeout(this.#counting);
        this.#onEnd(ended);
      },
      onViewers: (change) => {
        this.#viewers += change;
        this.#checkSettled();
      },
    });
    this.#generations.set(ownedKey(owner, request.id), generation);
    // A refused request has not run, so its id is free again.
    generation.admitted.catch(() => this.#forget(generation));
    void this.#logEnd(generation);
    return generation;
  }

  #onEnd(generation: SharedGeneration): void {
    this.#checkSettled();
    if (this.#generations.get(ownedKey(generation.owner, generation.id)) !== generation) return;
    this.#ended.set(generation, performance.now() + keepMs);
    this.#endedBytes += generation.bytes;
    while (this.#ended.size > keepEnded) this.#forgetOne(() => 1);
    // A remote log may report another size now than at the generation's end, so the sum may not reach the limit.
    while (this.#endedBytes > keepBytes && this.#ended.size > 0) this.#forgetOne(({ bytes }) => bytes);
    this.#scheduleForgetting();
  }

  /** Forgets the oldest generation of the owner that takes most, so that no owner loses generations to another. */
  #forgetOne(taken: (generation: SharedGeneration) => number): void {
    const ended = [...this.#ended.keys()];
    const takenBy = new Map<string, number>();
    for (const one of ended) takenBy.set(one.owner, (takenBy.get(one.owner) ?? 0) + taken(one));
    const most = Math.max(...takenBy.values());
    const oldest = ended.find(({ owner }) => takenBy.get(owner) === most);
    if (oldest) this.#forget(oldest);
  }

  #forget(generation: SharedGeneration): void {
    this.#generations.delete(ownedKey(generation.owner, generation.id));
    if (this.#ended.delete(generation)) this.#endedBytes -= generation.bytes;
    generation.release();
  }

  /** Closes the intervals of `tokens` at their ends, as long as any generation runs. */
  #countTokens(): void {
    const now = performance.now();
    this.tokens.advance(now);
    this.#counting = setTimeout(() => this.#countTokens(), this.tokens.openUntil - now).unref();
  }

  /** Sets one timer for all ended generations, at the time of the oldest. */
  #scheduleForgetting(): void {
    clearTimeout(this.#forgetting);
    for (const [generation, at] of this.#ended) {
      const ms = at - performance.now();
      if (ms > 0) {
        this.#forgetting = setTimeout(() => this.#scheduleForgetting(), ms).unref();
        return;
      }
      this.#forget(generation);
    }
  }

  #checkSettled(): void {
    for (const check of this.#settling) check();
  }

  async #until(settled: () => boolean, late: Promise<void>): Promise<void> {
    let check = (): void => undefined;
    const done = new Promise<void>((resolve) => {
      check = () => settled() && resolve();
    });
    this.#settling.add(check);
    check();
    await Promise.race([done, late]);
    this.#settling.delete(check);
  }

  async #logEnd(generation: SharedGeneration): Promise<void> {
    const { log } = this.#options;
    const { id } = generation;
    try {
      const { finishReason, usage, timings } = await generation.outcome();
      log?.info({ generation: id, finishReason, usage, timings }, 'a generation ended');
    } catch (thrown) {
      const { code, cause } = toHeadwayError(thrown);
      log?.[code === 'internal' ? 'error' : 'info']({ generation: id, code, err: cause }, 'a generation failed');
    }
  }
}

function tooMany(most: number): HeadwayError {
  return new HeadwayError(
    'rate-limited',
    `${most} generations are queued or running, which is the limit; send the request again when one has ended`,
  );
}

function conflict(id: string): HeadwayError {
  const message = `${id} belongs to another request; choose another id or leave it out`;
  return fieldError({ path: ['id'], message }, { code: 'conflict' });
}

function notFound(id: string): HeadwayError {
  const lastEventId = new Field('lastEventId');
  const message = sentence`there is no generation ${id}; an ended one is kept for 5 minutes; send the request again, without ${lastEventId}`;
  return fieldError({ path: ['id'], ...message }, { code: 'generation-not-found' });
}
