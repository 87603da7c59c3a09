import { HeadwayError } from '@headway/protocol';

import type { Clock } from '../../../timing/clock.ts';
import { chooseMember } from './choose-member.ts';
import { HealthWatch } from './health-watch.ts';
import { PlaceQueue } from './place-queue.ts';
import { noOtherUpstream, noUpstream, tooManyPlaces } from './pool-errors.ts';
import { PooledMember } from './pooled-member.ts';
import type { MemberState, MemberStatus, Place, PlaceRequest, PoolMember } from './pool-member.ts';

export interface UpstreamPoolOptions {
  clock: Clock;
  /** Called when `capacity` or `refusal` may have changed. */
  onCapacity?: () => void;
  /** Called when an upstream's state changed. */
  onState?: (status: MemberStatus) => void;
  /** How often an upstream that does not answer is checked, in ms. @default 5_000 */
  checkEveryMs?: number;
  /** How long an upstream may say nothing before it is checked, in ms. @default 15_000 */
  idleCheckMs?: number;
  /** Longest time for a check, in ms. @default 5_000 */
  checkTimeoutMs?: number;
  /** So many failed requests in a row take an upstream out. @default 3 */
  failures?: number;
  /** How long it stays out at first, in ms; the time doubles while it goes on failing. @default 1_000 */
  firstOpenMs?: number;
  /** Longest time that an upstream which answers and yet fails stays out, in ms. @default 30_000 */
  longestOpenMs?: number;
  /** Longest time for which an upstream may ask to wait, in ms. @default 60_000 */
  longestHoldMs?: number;
  /** How long requests wait while no upstream is up, in ms; then they are refused. @default 10_000 */
  graceMs?: number;
  /** Blocks of prompts that are remembered for an upstream. @default 16_384: some 80 prompts of 8,000 tokens, 1 MB */
  maxBlocks?: number;
  /** How long an upstream is assumed to remember a prompt, in ms. @default 600_000 */
  maxAgeMs?: number;
}

/**
 * Places requests at several upstreams that serve the same model: at the one that has the least to read before it, of
 * those that are up and have a free place. Places are given first come, first served.
 */
export class UpstreamPool<Member extends PoolMember> {
  readonly #clock: Clock;
  readonly #graceMs: number;
  readonly #onCapacity: (() => void) | undefined;
  readonly #onState: ((status: MemberStatus) => void) | undefined;
  readonly #members: readonly PooledMember<Member>[];
  readonly #watches: readonly HealthWatch<Member>[];
  readonly #queue: PlaceQueue<Member>;
  readonly #states = new Map<PooledMember<Member>, MemberState>();
  /** The timer for the end of the grace time, or of a time for which an upstream asked to wait. */
  #timer: { at: number; cancel: () => void } | null = null;
  /** Since when no upstream is up. */
  #downSince: number | null = null;
  #uses = 0;
  #closed = false;

  /** @throws HeadwayError `invalid-request` for two upstreams of the same name */
  constructor(
    members: readonly [Member, ...Member[]],
    {
      clock,
      onCapacity,
      onState,
      checkEveryMs = 5_000,
      idleCheckMs = 15_000,
      checkTimeoutMs = 5_000,
      failures = 3,
      firstOpenMs = 1_000,
      longestOpenMs = 30_000,
      longestHoldMs = 60_000,
      graceMs = 10_000,
      maxBlocks = 16_384,
      maxAgeMs = 600_000,
    }: UpstreamPoolOptions,
  ) {
    requireDistinct(members.map(({ name }) => name));
    this.#clock = clock;
    this.#graceMs = graceMs;
    this.#onCapacity = onCapacity;
    this.#onState = onState;
    const options = {
      circuit: { failures, firstOpenMs, longestOpenMs, checkEveryMs },
      memory: { maxBlocks, maxAgeMs },
      longestHoldMs,
    };
    this.#members = members.map((member) => new PooledMember(member, options));
    for (const member of this.#members) this.#states.set(member, 'up');
    const watching = { clock, checkEveryMs, idleCheckMs, checkTimeoutMs, onChange: () => this.#changed() };
    this.#watches = this.#members.map((member) => new HealthWatch(member, watching));
    this.#queue = new PlaceQueue<Member>({
      choose: (request, wanted) => this.#choose(request, wanted),
      wants: (request) => this.#members.filter((member) => suits(member, request)),
      take: (member, request) => this.#take(member, request),
      refusal: (request) => this.refusal ?? this.#hopeless(request),
    });
    for (const watch of this.#watches) watch.changed();
  }

  /**
   * Requests that may be at work at the same time now, each choice counted: the free places of the upstreams that take
   * requests, and all places that are taken, also at others. A queue in front of the pool lets so many in.
   */
  get capacity(): number {
    const now = this.#clock.now();
    return this.#members.reduce((all, member) => all + member.capacity(now), 0);
  }

  /**
   * Why no request can be placed: no upstream was up for the grace time, and none is being tried, or the pool is closed.
   * Null as long as waiting may help.
   */
  get refusal(): HeadwayError | null {
    if (this.#closed) return new HeadwayError('shutting-down', 'the engine is shutting down; send the request again');
    if (this.#downSince === null || this.#clock.now() - this.#downSince < this.#graceMs) return null;
    const now = this.#clock.now();
    if (this.#members.some((member) => member.state(now) === 'probing')) return null;
    return noUpstream(this.#troubles(this.#members));
  }

  /** Requests that wait for a place. */
  get waiting(): number {
    return this.#queue.size;
  }

  /**
   * Resolves with a place, which the caller must `end`; at once where one is free.
   *
   * @throws HeadwayError `upstream-failed`, with the trouble but no name: when no upstream was up for the grace time, or
   * none is up besides those of `avoid`; the signal's reason when it aborts
   */
  async place(request: PlaceRequest<Member>): Promise<Place<Member>> {
    request.signal.throwIfAborted();
    const refusal = this.refusal ?? this.#hopeless(request);
    if (refusal) throw refusal;
    return this.#queue.wait(request, () => this.#changed());
  }

  /**
   * Gives no more requests to an upstream until it is resumed. Resolves when its last stream has ended.
   *
   * @throws HeadwayError `invalid-request` for a name that no upstream has; `conflict` when it is resumed before
   */
  async drain(name: string): Promise<void> {
    const drained = this.#named(name).drain();
    this.#changed();
    return drained;
  }

  /** Gives requests to a drained upstream again. @throws HeadwayError `invalid-request` as `drain` */
  resume(name: string): void {
    this.#named(name).resume();
    this.#changed();
  }

  status(): MemberStatus[] {
    const now = this.#clock.now();
    return this.#members.map((member) => member.status(now));
  }

  /** Stops the checks and refuses the requests that wait. Places that are taken may still be ended. */
  close(): void {
    this.#closed = true;
    for (const watch of this.#watches) watch.close();
    this.#changed();
    this.#timer?.cancel();
    this.#timer = null;
  }

  /** Draws the conclusions of whatever has changed. */
  #changed(): void {
    const now = this.#clock.now();
    const states = this.#members.map((member) => member.state(now));
    const isUp = states.some((state) => state === 'up' || state === 'busy');
    this.#downSince = isUp ? null : (this.#downSince ?? now);
    this.#queue.serve();
    this.#setTimer(now);
    for (const watch of this.#watches) watch.changed();
    this.#onCapacity?.();
    this.#members.forEach((member, at) => {
      const state = states[at] ?? 'up';
      if (this.#states.get(member) === state) return;
      this.#states.set(member, state);
      this.#onState?.(member.status(now));
    });
  }

  #setTimer(now: number): void {
    const times = this.#members.map((member) => member.heldUntil);
    if (this.#downSince !== null) times.push(this.#downSince + this.#graceMs);
    const at = Math.min(...times.filter((time) => time > now));
    if (this.#closed || this.#timer?.at === at) return;
    this.#timer?.cancel();
    this.#timer = null;
    if (at === Number.POSITIVE_INFINITY) return;
    const ring = () => {
      this.#timer = null;
      this.#changed();
    };
    this.#timer = { at, cancel: this.#clock.after(at - now, ring) };
  }

  #choose(request: PlaceRequest<Member>, wanted: ReadonlySet<PooledMember<Member>>): PooledMember<Member> | undefined {
    const now = this.#clock.now();
    const free = this.#members.filter(
      (member) => suits(member, request) && !wanted.has(member) && member.free(now) >= request.places,
    );
    return free[chooseMember(free.map((member) => member.candidate(request, now)))];
  }

  #take(member: PooledMember<Member>, request: PlaceRequest<Member>): Place<Member> {
    member.lastUsed = ++this.#uses;
    return member.take(
      request,
      () => this.#clock.now(),
      () => this.#changed(),
    );
  }

  /** Why a request can no longer get a place, even though the pool takes others. */
  #hopeless(request: PlaceRequest<Member>): HeadwayError | null {
    const most = Math.max(...this.#members.map(({ member }) => member.concurrency));
    if (request.places > most) return tooManyPlaces(request.places, most);
    if (!request.avoid?.size) return null;
    const now = this.#clock.now();
    const others = this.#members.filter((member) => suits(member, request));
    const mayTake = others.some((member) => !['down', 'draining'].includes(member.state(now)));
    return mayTake ? null : noOtherUpstream(this.#troubles(this.#members));
  }

  #troubles(members: readonly PooledMember<Member>[]): string[] {
    const now = this.#clock.now();
    return members.flatMap((member) =>
      member.state(now) === 'draining' ? ['taken out of service for now'] : (member.lastError ?? []),
    );
  }

  #named(name: string): PooledMember<Member> {
    const found = this.#members.find(({ member }) => member.name === name);
    if (found) return found;
    const names = this.#members.map(({ member }) => member.name).join(', ');
    throw new HeadwayError('invalid-request', `there is no upstream ${JSON.stringify(name)}; choose one of: ${names}`);
  }
}

/** Whether a request may go to an upstream, once that has places. */
function suits<Member extends PoolMember>(pooled: PooledMember<Member>, request: PlaceRequest<Member>): boolean {
  return !request.avoid?.has(pooled.member) && request.places <= pooled.member.concurrency;
}

function requireDistinct(names: readonly string[]): void {
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice === undefined) return;
  throw new HeadwayError(
    'invalid-request',
    `two upstreams have the name ${JSON.stringify(twice)}; give one of them another name`,
  );
}
