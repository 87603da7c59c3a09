import { HeadwayError, isHeadwayError } from '@headway/protocol';

import { accountOf } from '../../access/limits/account.ts';
import type { Caller } from '../../access/caller.ts';
import { tooManyRequests, type Gatekeeper } from '../../access/gatekeeper.ts';
import { partBytes, type Holding } from '../../access/limits/held-bytes.ts';
import { takeOne, type Allowance } from '../../access/limits/request-budget.ts';

/** Whoever is at the other end of one socket, and how much of it they use. */
export class SocketVisitor {
  readonly #gatekeeper: Gatekeeper;
  readonly #address: string | undefined;
  #caller: Caller | null = null;
  #refusal: HeadwayError | null = null;
  #release: (() => void) | null = null;
  #subscriptions = 0;
  #called = false;
  #messages: Allowance;
  readonly #unfinished: Holding;

  constructor(gatekeeper: Gatekeeper, address: string | undefined) {
    this.#gatekeeper = gatekeeper;
    this.#address = address;
    this.#unfinished = gatekeeper.heldBytes.open();
    this.#messages = { left: gatekeeper.messages.burst, at: performance.now() };
  }

  /** By whom it is counted. */
  get account(): string {
    return accountOf(this.#caller, this.#address);
  }

  /** Takes a key. What is wrong with it is what every call on this socket will hear. */
  introduce(key: string | null): void {
    this.#leaveKey();
    try {
      this.#caller = this.#gatekeeper.recognise(key);
      this.#release = this.#gatekeeper.holdSocket(this.#caller);
    } catch (thrown) {
      if (!isHeadwayError(thrown)) throw thrown;
      this.#refusal = thrown;
    }
  }

  /** @throws HeadwayError `unauthorized`, `rate-limited` */
  identify(): Caller {
    this.#called = true;
    const { taken, waitMs } = this.#gatekeeper.requests.take(this.account);
    if (!taken) throw tooManyRequests(waitMs);
    if (this.#refusal) throw this.#refusal;
    if (!this.#caller) throw new HeadwayError('unauthorized', 'nobody has said yet who is asking');
    this.#gatekeeper.recheck(this.#caller);
    return this.#caller;
  }

  /** Whether anything was called since this was asked last, or is still under way. */
  isBusy(): boolean {
    const called = this.#called;
    this.#called = false;
    return called || this.#subscriptions > 0;
  }

  /** Counts a message, whatever is in it; false when there have been too many. */
  mayWrite(): boolean {
    const { taken, allowance } = takeOne(this.#messages, this.#gatekeeper.messages, performance.now());
    this.#messages = allowance;
    return taken;
  }

  /** Counts what came of a message that is not whole; false when that is too much. */
  mayHold({ bytes, parts }: { bytes: number; parts: number }): boolean {
    return this.#unfinished.hold(this.account, bytes + parts * partBytes);
  }

  /** @throws HeadwayError `rate-limited` */
  holdSubscription(): () => void {
    const { subscriptions: most } = this.#gatekeeper.limits;
    if (this.#subscriptions >= most) {
      throw new HeadwayError(
        'rate-limited',
        `this socket has ${most} subscriptions, the most it may have; stop some, or open another socket`,
      );
    }
    this.#subscriptions += 1;
    let held = true;
    return () => {
      if (held) this.#subscriptions -= 1;
      held = false;
    };
  }

  /** The socket is closed. */
  leave(): void {
    this.#unfinished.release();
    this.#leaveKey();
  }

  #leaveKey(): void {
    this.#release?.();
    this.#release = null;
    this.#caller = null;
    this.#refusal = null;
  }
}
