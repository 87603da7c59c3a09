import type { ErrorCode } from '@headway/protocol';

/** The abort reason of a generation's signals. */
export class CancelReason {
  readonly reason: 'cancelled' | ErrorCode;

  constructor(reason: 'cancelled' | ErrorCode) {
    this.reason = reason;
  }
}
