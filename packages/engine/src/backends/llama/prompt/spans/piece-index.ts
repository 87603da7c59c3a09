import type { LlamaModel } from 'node-llama-cpp';

import { afterLastTokenOf, firstTokenOf, type TextRange, type TokenRange } from '../../../../spans/token-range.ts';
import { tokenBytes } from '../../tokenizer/token-text.ts';
import type { PlacedPiece } from '../content/tokenize-prompt.ts';
import { tokenEnds, type TokenEnds } from './token-ends.ts';

export interface FoundRange extends TokenRange {
  /** Whether the vocabulary changes the text, so that the range is estimated within its pieces. */
  estimated: boolean;
}

/** Finds the tokens of a part of a prompt's text, from the pieces in which the text was tokenized. */
export class PieceIndex {
  readonly #model: LlamaModel;
  readonly #pieces: PlacedPiece[] = [];
  /** Of pieces that were looked into: a vocabulary that cannot be cut has one piece for the whole text. */
  readonly #ends = new Map<PlacedPiece, TokenEnds>();

  constructor(model: LlamaModel) {
    this.#model = model;
  }

  /** Pieces come in the order of the text. */
  add(piece: PlacedPiece): void {
    this.#pieces.push(piece);
  }

  /** The tokens with any of the range's text; none for an empty range. */
  rangeOf({ start, end }: TextRange): FoundRange {
    const begun = this.#pieces.findLast((piece) => piece.start <= start);
    const ended = this.#pieces.findLast((piece) => piece.start < end);
    if (!begun || !ended || start >= end) return { from: 0, to: 0, estimated: false };
    const first = this.#endsIn(begun);
    const last = begun === ended ? first : this.#endsIn(ended);
    const from = begun.first + firstTokenOf(first.ends, bytesBefore(begun, start));
    const to = ended.first + afterLastTokenOf(last.ends, bytesBefore(ended, end));
    return { from, to: Math.max(from, to), estimated: !first.exact || !last.exact };
  }

  #endsIn(piece: PlacedPiece): TokenEnds {
    let ends = this.#ends.get(piece);
    if (!ends) {
      const bytes = piece.tokens.map((token) => tokenBytes(this.#model, token));
      this.#ends.set(piece, (ends = tokenEnds(Buffer.from(piece.text), bytes)));
    }
    return ends;
  }
}

/** Bytes of the piece before an offset into the prompt's text. */
function bytesBefore({ start, text }: PlacedPiece, offset: number): number {
  return Buffer.byteLength(text.slice(0, offset - start));
}
