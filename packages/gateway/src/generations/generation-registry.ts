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
import { AccountCounter } from '../access/limits/account-counter.ts';
import { parseEventId, seqAfter } from './event-id.ts';
import type { GenerationLog } from './log/generation-log.ts';
import { MemoryLog } from './log/memory-log.ts';
import { NextTurn } from './next-turn.ts';

import { SharedGeneration } from './shared-generation.ts';
import { ownedKey } from './owned-key.ts';

export interface GenerationRegistryOptions {
  engine: Engine;
  /** How long a generation goes on when its owner's connection dropped and nobody looks on, in ms. @default 30_000 */
  graceMs?: number;
  /** A generation's longest life, the wait for a slot included, in ms. @default 7_200_000 */
  maxMs?: number;
  /** Most tokens that the choices of one generation write together. @default 262_144 */
  maxTokens?: number;
  /** How many of one owner may wait or run at once. @default as many as the engine takes */
  maxEach?: number;
  /** Opens the log of a new generation. @default one in memory that keeps 8 MiB */
  createLog?: (owner: string, id: string) => GenerationLog;
  /** Gets a line for each generation, and never a word of what was written. @default none */
  log?: Pick<FastifyBaseLogger, 'info' | 'error'>;
}

/** How long a generation can be read after its end. */
const keepMs = 5 * 60_000;
/** Ended generations that are kept, and the bytes of their logs together; beyond either the oldest of who has most goes. */
const keepEnded = 256;
const keepBytes = 256 * 1024 * 1024;
/** A whole answer on a slow machine, and none that goes on for ever. */
const defaultMaxMs = 2 * 60 * 60_000;
const defaultMaxTokens = 262_144;
/** Some 150,000 tokens. */
const logBytes = 8 * 1024 * 1024;

/** What a request came to: a generation, and where in it the viewer stands who asked. */
export interface OpenedGeneration {
  generation: SharedGeneration;
  /** The `seq` to go on after; undefined for one who has seen nothing. */
  after: number | undefined;
}

/**
 * Every generation of a gateway, on whatever surface it was asked for: those that run, and for a while those that have
 * ended. An id is its owner's own; nobody finds another's.
 */
export class GenerationRegistry {
  readonly #options: GenerationRegistryOptions;
  readonly #nextTurn = new NextTurn();
  readonly #generations = new Map<string, SharedGeneration>();
  /** When each that has ended will be forgotten, the oldest first. */
  readonly #ended = new Map<SharedGeneration, number>();
  #endedBytes = 0;
  readonly #runningOf = new AccountCounter();
  #viewers = 0;
  #forgetting: NodeJS.Timeout | undefined;
  #refusesNew = false;
  readonly #settling = new Set<() => void>();

  constructor(options: GenerationRegistryOptions) {
    this.#options = options;
  }

  /** How many run. */
  get running(): number {
    return this.#runningOf.total;
  }

  /** Whether new ones are started. */
  get takesNew(): boolean {
    return !this.#refusesNew;
  }

  /** How many views are open. */
  get viewers(): number {
    return this.#viewers;
  }

  /**
   * Starts what is asked for. A request whose id the owner has used, or that goes on after `lastEventId`, gets the
   * generation that is there, running or ended: the engine never runs twice for it. One that failed in a retryable error
   * is run anew for a request that goes on after nothing: to send that again is what such an error asks for.
   *
   * @throws HeadwayError `conflict` when the id is that of another request, `generation-not-found` when there is nothing
   * to go on with, `rate-limited` when the owner has too many, `shutting-down`, `invalid-request` for a `lastEventId`
   * that is none
   */
  open(request: GenerateRequest, { owner }: Caller): OpenedGeneration {
    const position = request.lastEventId === undefined ? null : parseEventId(request.lastEventId, 'lastEventId');
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
    // No key goes before the others.
    const priority = owner === '' ? request.priority : Math.min(0, request.priority);
    return { generation: this.#start({ ...request, id, priority }, owner, fingerprint), after: undefined };
  }

  /** The caller's of that name; null when there is none, or no longer. */
  peek(id: string, { owner }: Caller): SharedGeneration | null {
    return this.#generations.get(ownedKey(owner, id)) ?? null;
  }

  /** @throws HeadwayError `generation-not-found` */
  find(id: string, caller: Caller): SharedGeneration {
    const generation = this.peek(id, caller);
    if (!generation) throw notFound(id);
    return generation;
  }

  /** Ends one at once; false when the caller has none of that name, or it has ended. */
  cancel(id: string, { owner }: Caller): boolean {
    return this.#generations.get(ownedKey(owner, id))?.cancel() ?? false;
  }

  /** Forgets one that has ended, before its time. */
  forget(id: string, { owner }: Caller): void {
    const generation = this.#generations.get(ownedKey(owner, id));
    if (generation?.ended) this.#forget(generation);
  }

  /** The caller's, the newest first. */
  list({ owner }: Caller): GenerationInfo[] {
    const own = [...this.#generations.values()].filter((generation) => generation.owner === owner);
    return own.map((generation) => generation.info()).reverse();
  }

  /** From now on nothing new is started; what runs goes on, and can be watched and resumed. */
  refuseNew(): void {
    this.#refusesNew = true;
  }

  /** Ends what runs with the error `shutting-down`. */
  cancelAll(): void {
    for (const generation of this.#generations.values()) generation.cancel('shutting-down');
  }

  /** Resolves when none runs, or when `late` does. */
  async ended(late: Promise<void>): Promise<void> {
    await this.#until(() => this.running === 0, late);
  }

  /** Resolves when none runs and every viewer has had its last event or left, or when `late` does. */
  async settled(late: Promise<void>): Promise<void> {
    await this.#until(() => this.running === 0 && this.#viewers === 0, late);
  }

  /** Forgets all of them, and leaves no timer. What runs is cancelled first (`cancelAll`). */
  close(): void {
    this.refuseNew();
    clearTimeout(this.#forgetting);
    for (const generation of this.#generations.values()) generation.release();
    this.#generations.clear();
    this.#ended.clear();
    this.#endedBytes = 0;
  }

  #start(request: GenerateRequest & { id: string }, owner: string, fingerprint: string): SharedGeneration {
    const { engine, graceMs = 30_000, maxMs = defaultMaxMs, maxTokens = defaultMaxTokens } = this.#options;
    const { createLog = () => new MemoryLog({ maxBytes: logBytes }) } = this.#options;
    const letGo = this.#runningOf.add(owner);
    const generation = new SharedGeneration({
      engine,
      owner,
      request,
      fingerprint,
      graceMs,
      most: { ms: maxMs, tokens: maxTokens },
      log: createLog(owner, request.id),
      nextTurn: this.#nextTurn,
      onEnd: (ended) => {
        letGo();
        this.#onEnd(ended);
      },
      onViewers: (change) => {
        this.#viewers += change;
        this.#checkSettled();
      },
    });
    this.#generations.set(ownedKey(owner, request.id), generation);
    // What was refused has not run: its name is free again.
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
    // A log elsewhere may not take what it took at the end.
    while (this.#endedBytes > keepBytes && this.#ended.size > 0) this.#forgetOne(({ bytes }) => bytes);
    this.#scheduleForgetting();
  }

  /** Forgets the oldest of the owner who takes the most, so that nobody's are lost by what others do. */
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

  /** One timer for all of them, for the one that ended first. */
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
      log?.info({ generation: id, finishReason, usage, timings }, 'a generation is done');
    } catch (thrown) {
      const { code, cause } = toHeadwayError(thrown);
      log?.[code === 'internal' ? 'error' : 'info']({ generation: id, code, err: cause }, 'a generation failed');
    }
  }
}

function tooMany(most: number): HeadwayError {
  return new HeadwayError(
    'rate-limited',
    `${most} generations wait or run already, the most there may be at once; send it again when one has ended`,
  );
}

function conflict(id: string): HeadwayError {
  const message = `${id} is the name of another request; choose another id or leave it out`;
  return fieldError({ path: ['id'], message }, { code: 'conflict' });
}

function notFound(id: string): HeadwayError {
  const lastEventId = new Field('lastEventId');
  const message = sentence`there is no generation ${id}, or no longer: what has ended is kept for 5 minutes; send the request again, without ${lastEventId}`;
  return fieldError({ path: ['id'], ...message }, { code: 'generation-not-found' });
}
