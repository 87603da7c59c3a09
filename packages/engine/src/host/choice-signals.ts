import { CancelReason } from './cancel-reason.ts';
import type { ErrorCode } from '@headway/protocol';

/** The signals of one generation: one for it as a whole, and one for each of its choices. */
export class ChoiceSignals {
  readonly #whole = new AbortController();
  readonly #each: readonly AbortController[];
  readonly #open: Set<number>;
  /** Called with each choice that is cancelled while others go on. */
  onCancel: ((index: number) => void) | null = null;

  /** `ended`: indexes of the choices that are over already. */
  constructor(choices: number, ended: readonly number[] = []) {
    this.#each = Array.from({ length: choices }, () => new AbortController());
    this.#open = new Set(this.#each.keys());
    for (const index of ended) this.#open.delete(index);
  }

  /** Aborts when the generation is cancelled, not when one of several choices is. */
  get whole(): AbortSignal {
    return this.#whole.signal;
  }

  /** Indexes of the choices that have neither ended nor been cancelled, in order. */
  get open(): number[] {
    return [...this.#open];
  }

  /** Aborts when the choice or the generation is cancelled. */
  of(index: number): AbortSignal {
    const own = this.#each[index];
    return own && this.#each.length > 1 ? AbortSignal.any([this.#whole.signal, own.signal]) : this.#whole.signal;
  }

  cancelAll(reason: 'cancelled' | ErrorCode): void {
    this.#whole.abort(new CancelReason(reason));
  }

  /** Cancels one choice; the last open one cancels the generation. Does nothing when the choice is not open. */
  cancel(index: number): void {
    if (!this.#open.delete(index)) return;
    if (this.#open.size === 0) return this.cancelAll('cancelled');
    this.#each[index]?.abort(new CancelReason('cancelled'));
    this.onCancel?.(index);
  }

  /** To be called when a choice has ended. */
  ended(index: number): void {
    this.#open.delete(index);
  }
}
