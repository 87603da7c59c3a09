import { deferred, HeadwayError, type Deferred } from '@headway/protocol';

import { charactersInBlocks } from '../estimate/prefix-blocks.ts';
import type { MemberCandidate } from './choose-member.ts';
import { closedCircuit, nextCircuit, type Circuit, type CircuitEvent, type CircuitLimits } from './circuit.ts';
import type { CheckNeeds } from './next-check.ts';
import { troubleOf } from './pool-errors.ts';
import type { MemberState, MemberStatus, Place, PlaceOutcome, PlaceRequest, PoolMember } from './pool-member.ts';
import { PrefixMemory, type PrefixMemoryOptions } from './prefix-memory.ts';

export interface PooledMemberOptions {
  circuit: CircuitLimits;
  memory: PrefixMemoryOptions;
  /** Longest time, in ms, for which an upstream may ask to wait. */
  longestHoldMs: number;
}

interface Running {
  /** The circuit's round in which it was placed. */
  round: number;
  places: number;
  /** Prompt tokens that the upstream has yet to read. */
  outstanding: number;
}

/** What the pool knows about one upstream. Times are in ms and come in as `now`. */
export class PooledMember<Member extends PoolMember> {
  readonly member: Member;
  /** Until when it asked to wait. */
  heldUntil = Number.NEGATIVE_INFINITY;
  lastUsed = 0;
  readonly #options: PooledMemberOptions;
  readonly #memory: PrefixMemory;
  readonly #running = new Set<Running>();
  #circuit: Circuit = closedCircuit;
  #drained: Deferred<void> | null = null;
  #suspect = false;
  #silent = false;
  #lastSign = Number.NEGATIVE_INFINITY;
  #lastCheck = Number.NEGATIVE_INFINITY;
  #placed = 0;
  #failed = 0;
  #lastError: string | null = null;

  constructor(member: Member, options: PooledMemberOptions) {
    this.member = member;
    this.#options = options;
    this.#memory = new PrefixMemory(options.memory);
  }

  get running(): number {
    return sum([...this.#running].map(({ places }) => places));
  }

  get outstanding(): number {
    return sum([...this.#running].map(({ outstanding }) => outstanding));
  }

  get lastError(): string | null {
    return this.#lastError;
  }

  state(now: number): MemberState {
    if (this.#drained) return 'draining';
    if (this.#circuit.state === 'open' || !this.#isKnown) return 'down';
    if (this.#circuit.state === 'half-open') return 'probing';
    return this.#isBusy(now) ? 'busy' : 'up';
  }

  /** Places that it gives to a request now. */
  free(now: number): number {
    const { state } = this.#circuit;
    if (this.#drained || state === 'open' || !this.#isKnown || this.#isBusy(now)) return 0;
    if (state === 'half-open' && this.#trialRuns()) return 0;
    return this.member.concurrency - this.running;
  }

  /** Places that may be taken at the same time: those that are, and those that it gives. */
  capacity(now: number): number {
    const free = this.free(now);
    return this.running + (this.#circuit.state === 'half-open' ? Math.min(free, 1) : free);
  }

  /** How it looks to a prompt that could be placed here. */
  candidate(request: PlaceRequest<Member>, now: number): MemberCandidate {
    return {
      outstanding: this.outstanding,
      saved: this.#saved(request, now),
      load: this.running / this.member.concurrency,
      lastUsed: this.lastUsed,
    };
  }

  needs(): CheckNeeds {
    return {
      circuit: this.#circuit,
      draining: this.#drained !== null,
      outdated: !this.#isKnown || this.member.isOutdated === true,
      suspect: this.#suspect,
      silent: this.#silent,
      running: this.running,
      lastSign: this.#lastSign,
      lastCheck: this.#lastCheck,
    };
  }

  /** Takes a request. `now` is the clock; `onChange` is called after each change that the request makes. */
  take(request: PlaceRequest<Member>, now: () => number, onChange: () => void): Place<Member> {
    const { round } = this.#circuit;
    const running: Running = {
      round,
      places: request.places,
      outstanding: request.tokens - this.#saved(request, now()),
    };
    let unread = true;
    const read = () => {
      if (!unread) return;
      unread = false;
      running.outstanding = 0;
      this.#memory.remember(request.blocks, now());
      this.#answered(now());
      this.#move({ kind: 'read', round }, now());
    };
    this.#running.add(running);
    this.#placed++;
    return {
      member: this.member,
      read: () => {
        if (!this.#running.has(running)) return;
        read();
        onChange();
      },
      end: (outcome) => {
        if (!this.#running.has(running)) return;
        if ('ok' in outcome) read();
        this.#running.delete(running);
        this.#ended(outcome, round, now());
        if (this.#running.size === 0) this.#drained?.resolve();
        onChange();
      },
    };
  }

  checkBegins(): void {
    this.#suspect = false;
  }

  checkPassed(now: number): void {
    this.#lastCheck = now;
    this.#answered(now);
    this.#move({ kind: 'checked', ok: true }, now);
  }

  checkFailed(thrown: unknown, now: number): void {
    this.#lastCheck = now;
    this.#silent = false;
    this.#lastError = troubleOf(thrown);
    this.#move({ kind: 'checked', ok: false }, now);
  }

  /** A check that began at `since` got no answer in time. Some servers answer none while they compute. */
  checkTimedOut(thrown: unknown, since: number, now: number): void {
    const works = this.#circuit.state !== 'open' && (this.running > 0 || this.#lastSign > since);
    if (!works) return this.checkFailed(thrown, now);
    this.#lastCheck = now;
    this.#silent = this.#lastSign <= since;
  }

  /** Gives no more places. Resolves when the last one was given back. */
  drain(): Promise<void> {
    this.#drained ??= deferred();
    if (this.#running.size === 0) this.#drained.resolve();
    return this.#drained.promise;
  }

  resume(): void {
    this.#drained?.reject(new HeadwayError('conflict', 'the upstream was resumed before its last stream had ended'));
    this.#drained = null;
    // Who drained it may have restarted it.
    this.#suspect = true;
  }

  status(now: number): MemberStatus {
    return {
      name: this.member.name,
      state: this.state(now),
      concurrency: this.member.concurrency,
      running: this.running,
      outstandingTokens: this.outstanding,
      placed: this.#placed,
      failed: this.#failed,
      lastError: this.#lastError,
    };
  }

  #ended(outcome: PlaceOutcome, round: number, now: number): void {
    if ('ok' in outcome) {
      this.#lastError = null;
      this.#answered(now);
      this.#move({ kind: 'ended', round, ok: true }, now);
    } else if ('refused' in outcome) {
      this.#answered(now);
    } else if ('failed' in outcome) {
      this.#lastError = troubleOf(outcome.failed);
      if (outcome.retryAfterMs !== undefined) return this.#hold(outcome.retryAfterMs, now);
      this.#failed++;
      this.#suspect = true;
      this.#move({ kind: 'ended', round, ok: false }, now);
    }
  }

  #hold(ms: number, now: number): void {
    this.heldUntil = Math.max(this.heldUntil, now + Math.min(ms, this.#options.longestHoldMs));
    this.#answered(now);
  }

  #answered(now: number): void {
    this.#lastSign = now;
    this.#silent = false;
  }

  #move(event: CircuitEvent, now: number): void {
    this.#circuit = nextCircuit(this.#circuit, event, now, this.#options.circuit);
    // A process that is gone has taken its cache with it.
    if (this.#circuit.state === 'open') this.#memory.forget();
  }

  get #isKnown(): boolean {
    return this.member.isKnown ?? true;
  }

  #isBusy(now: number): boolean {
    return this.#silent || now < this.heldUntil;
  }

  #trialRuns(): boolean {
    return [...this.#running].some(({ round }) => round === this.#circuit.round);
  }

  /** Prompt tokens that it need not read, at most all but one. */
  #saved({ tokens, blocks }: PlaceRequest<Member>, now: number): number {
    const known = this.#memory.known(blocks, now);
    if (known === 0) return 0;
    const share = charactersInBlocks(known) / charactersInBlocks(blocks.length);
    return Math.max(0, Math.min(tokens - 1, Math.floor(tokens * share)));
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}
