import { deferred } from '@headway/protocol';

import type { DecodedPiece, DecodeEnd } from '../../backend/backend.ts';

/** The pieces of one choice on their way from an upstream's answer to the slot that decodes it. */
export class ChoiceStream {
  /** Pieces that came before the slot reads: those of one network chunk, as it reads from the first one on. */
  #early: DecodedPiece[] = [];
  #onPiece: ((piece: DecodedPiece) => void) | null = null;
  readonly #end = deferred<DecodeEnd>();
  #settled = false;
  /** Completion tokens so far. */
  counted = 0;
  /** The end that the upstream told; the usage may follow. */
  told: DecodeEnd | null = null;

  constructor() {
    // `read` throws it; nobody reads when the caller has gone.
    this.#end.promise.catch(() => undefined);
  }

  get over(): boolean {
    return this.#settled;
  }

  push(piece: DecodedPiece): void {
    if (this.#settled) return;
    this.counted += piece.count;
    if (this.#onPiece) this.#onPiece(piece);
    else this.#early.push(piece);
  }

  end(end: DecodeEnd): void {
    this.#settled = true;
    this.#end.resolve(end);
  }

  fail(error: unknown): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#end.reject(error);
  }

  /** Hands on all pieces up to the end, or until the signal aborts. @throws what the stream `fail`s with */
  read(onPiece: (piece: DecodedPiece) => void, signal: AbortSignal): Promise<DecodeEnd> {
    for (const piece of this.#early) onPiece(piece);
    this.#early = [];
    this.#onPiece = (piece) => {
      if (!signal.aborted) onPiece(piece);
    };
    return this.#end.promise;
  }
}
