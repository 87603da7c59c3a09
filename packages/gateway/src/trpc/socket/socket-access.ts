import { HeadwayError, isHeadwayError } from '@headway/protocol';

import { accountOf } from '../../access/limits/account.ts';
import type { Caller } from '../../access/caller.ts';
import { tooManyRequests, type AccessControl } from '../../access/access-control.ts';
import { pieceOverheadBytes, type ByteReservation } from '../../access/limits/buffered-bytes.ts';
import { takeOne, type Allowance } from '../../access/limits/request-budget.ts';

/** The access control of one socket: its caller, and its share of each limit. */
export class SocketAccess {
  readonly #accessControl: AccessControl;
  readonly #address: string | undefined;
  #caller: Caller | null = null;
  #refusal: HeadwayError | null = null;
  #releaseSocket: (() => void) | null = null;
  #subscriptions = 0;
  #called = false;
  #messages: Allowance;
  readonly #incomplete: ByteReservation;

  constructor(accessControl: AccessControl, address: string | undefined) {
    this.#accessControl = accessControl;
    this.#address = address;
    this.#incomplete = accessControl.bufferedBytes.reserve();
    this.#messages = { left: accessControl.messages.burst, at: performance.now() };
  }

  /** The account that this socket counts against. */
  get account(): string {
    return accountOf(this.#caller, this.#address);
  }

  /** Authenticates the socket with a key. A refusal is kept, and `identify` throws it for each call. */
  authenticate(key: string | null): void {
    this.#forgetKey();
    try {
      this.#caller = this.#accessControl.authenticate(key);
      this.#releaseSocket = this.#accessControl.countSocket(this.#caller);
    } catch (thrown) {
      if (!isHeadwayError(thrown)) throw thrown;
      this.#refusal = thrown;
    }
  }

  /** Counts a call and returns its caller. @throws HeadwayError `unauthorized`, `rate-limited` */
  identify(): Caller {
    this.#called = true;
    const { taken, waitMs } = this.#accessControl.requests.take(this.account);
    if (!taken) throw tooManyRequests(waitMs);
    if (this.#refusal) throw this.#refusal;
    if (!this.#caller) throw new HeadwayError('unauthorized', 'the socket is not authenticated; send the key first');
    this.#accessControl.recheck(this.#caller);
    return this.#caller;
  }

  /** Whether a call was made since the last `isBusy()`, or a subscription is open. */
  isBusy(): boolean {
    const called = this.#called;
    this.#called = false;
    return called || this.#subscriptions > 0;
  }

  /** Counts a message of any content. False when the socket sends too many. */
  countMessage(): boolean {
    const { taken, allowance } = takeOne(this.#messages, this.#accessControl.messages, performance.now());
    this.#messages = allowance;
    return taken;
  }

  /** Counts the received part of an incomplete message. False when it exceeds a limit. */
  buffer({ bytes, pieces }: { bytes: number; pieces: number }): boolean {
    return this.#incomplete.resize(this.account, bytes + pieces * pieceOverheadBytes);
  }

  /** Counts a subscription until the returned function is called. @throws HeadwayError `rate-limited` */
  countSubscription(): () => void {
    const { subscriptions: most } = this.#accessControl.limits;
    if (this.#subscriptions >= most) {
      throw new HeadwayError(
        'rate-limited',
        `this socket has ${most} subscriptions open, which is the limit; stop some, or open another socket`,
      );
    }
    this.#subscriptions += 1;
    let counted = true;
    return () => {
      if (counted) this.#subscriptions -= 1;
      counted = false;
    };
  }

  /** Releases what the socket counted. Call it when the socket is closed. */
  release(): void {
    this.#incomplete.release();
    this.#forgetKey();
  }

  #forgetKey(): void {
    this.#releaseSocket?.();
    this.#releaseSocket = null;
    this.#caller = null;
    this.#refusal = null;
  }
}
