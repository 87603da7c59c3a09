import { abortable } from '@headway/protocol';

import type { Clock } from '../../../timing/clock.ts';
import { nextCheck, type CheckIntervals } from './next-check.ts';
import { checkTimeout } from './pool-errors.ts';
import type { PooledMember } from './pooled-member.ts';
import type { PoolMember } from './pool-member.ts';

export interface HealthWatchOptions extends CheckIntervals {
  clock: Clock;
  /** Longest time, in ms, for a check. */
  checkTimeoutMs: number;
  /** Called after each check. */
  onChange: () => void;
}

/** Checks one upstream when `nextCheck` says so, never twice at the same time. Its timer keeps no process alive. */
export class HealthWatch<Member extends PoolMember> {
  readonly #pooled: PooledMember<Member>;
  readonly #options: HealthWatchOptions;
  #timer: { at: number; cancel: () => void } | null = null;
  #checking: AbortController | null = null;
  #closed = false;

  constructor(pooled: PooledMember<Member>, options: HealthWatchOptions) {
    this.#pooled = pooled;
    this.#options = options;
  }

  /** To be called after each change of what is known about the upstream. */
  changed(): void {
    if (this.#closed || this.#checking) return;
    const at = nextCheck(this.#pooled.needs(), this.#options);
    // A timer that rings too early finds the later time; most changes only move it away.
    if (at === null || (this.#timer && this.#timer.at <= at)) return;
    this.#timer?.cancel();
    const { clock } = this.#options;
    const cancel = clock.after(Math.max(0, at - clock.now()), () => this.#ring(), { unref: true });
    this.#timer = { at, cancel };
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    this.#timer = null;
    this.#checking?.abort(new Error('the pool was closed'));
  }

  #ring(): void {
    this.#timer = null;
    const at = nextCheck(this.#pooled.needs(), this.#options);
    if (at !== null && at <= this.#options.clock.now()) void this.#check();
    else this.changed();
  }

  async #check(): Promise<void> {
    const { clock, checkTimeoutMs, onChange } = this.#options;
    const since = clock.now();
    const timeout = checkTimeout(checkTimeoutMs);
    const checking = new AbortController();
    const { signal } = checking;
    this.#checking = checking;
    this.#pooled.checkBegins();
    const cancelTimeout = clock.after(checkTimeoutMs, () => checking.abort(timeout), { unref: true });
    try {
      await abortable(this.#pooled.member.check(signal), signal);
      if (!this.#closed) this.#pooled.checkPassed(clock.now());
    } catch (thrown) {
      if (this.#closed) return;
      if (signal.aborted) this.#pooled.checkTimedOut(timeout, since, clock.now());
      else this.#pooled.checkFailed(thrown, clock.now());
    } finally {
      cancelTimeout();
      this.#checking = null;
    }
    if (!this.#closed) onChange();
  }
}
