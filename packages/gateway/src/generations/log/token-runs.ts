import type { TokenEvent } from '@headway/protocol';

import { blockSize, createRows, sameRun, TokenBlock } from './token-block.ts';

/** Approximate limit of a merged event, in characters. It keeps a frame far below a connection's 1 MiB buffer. */
const maxMergedWeight = 32_768;

/**
 * The token events of one generation, in order. It merges adjacent tokens on reading and not on storing, so that a client
 * can resume after any of them.
 */
export class TokenRuns {
  readonly #blocks: TokenBlock[] = [];
  /** The rows of the last block, as only that one has room. */
  #rows: Float64Array | null = null;
  /** The last block. */
  #open: TokenBlock | null = null;
  #bytes = 0;
  #forgottenSeq = -1;

  /** Estimated memory of the tokens. */
  get bytes(): number {
    return this.#bytes;
  }

  /** `seq` of the last dropped token; -1 when none is dropped. */
  get forgottenSeq(): number {
    return this.#forgottenSeq;
  }

  append(event: TokenEvent): void {
    let block = this.#open;
    if (!block || block.size === blockSize) {
      block = new TokenBlock((this.#rows ??= createRows()));
      this.#open = block;
      this.#blocks.push(block);
    }
    const before = block.bytes;
    block.append(event);
    this.#bytes += block.bytes - before;
  }

  /** Drops the oldest block. False when only one is left. */
  forgetOldest(): boolean {
    if (this.#blocks.length < 2) return false;
    const oldest = this.#blocks.shift();
    this.#bytes -= oldest?.bytes ?? 0;
    this.#forgottenSeq = oldest?.lastSeq ?? -1;
    return true;
  }

  /** The tokens after `after` and before `before` that merge into one event; null when there is none. */
  next(after: number, before: number): TokenEvent | null {
    if (!this.#open || after >= this.#open.lastSeq) return null;
    const merging = new Merging(before);
    for (let at = this.#firstBlock(after); at < this.#blocks.length; at++) {
      const block = this.#blocks[at];
      if (block && !merging.add(block, after)) break;
    }
    return merging.event;
  }

  #firstBlock(after: number): number {
    let [low, high] = [0, this.#blocks.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#blocks[middle]?.lastSeq ?? 0) <= after) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Builds one event from adjacent tokens of one run. */
class Merging {
  readonly #before: number;
  #event: TokenEvent | null = null;
  #weight = 0;

  constructor(before: number) {
    this.#before = before;
  }

  get event(): TokenEvent | null {
    return this.#event;
  }

  /** Adds the tokens of a block after `after`. False when the event is complete. */
  add(block: TokenBlock, after: number): boolean {
    for (let from = block.firstAfter(after); from < block.size;) {
      const { run, to } = block.runAt(from);
      if (this.#event && !sameRun(this.#event, run)) return false;
      const end = this.#endOf(block, from, to);
      if (end === from) return false;
      this.#weight += block.weight(from, end);
      this.#append(block.merge(run, from, end));
      if (end < to) return false;
      from = end;
    }
    return true;
  }

  /** The end of the tokens in `from` to `to` that still fit into the event. */
  #endOf(block: TokenBlock, from: number, to: number): number {
    const room = maxMergedWeight - this.#weight;
    let end = from;
    while (end < to && block.seq(end) < this.#before) {
      // An event has at least one token, however long that is.
      if (block.weight(from, end + 1) > room && (end > from || this.#event)) break;
      end++;
    }
    return end;
  }

  #append(next: TokenEvent): void {
    const before = this.#event;
    this.#event = next;
    if (!before) return;
    next.text = before.text + next.text;
    next.count += before.count;
    if (before.logprobs || next.logprobs) next.logprobs = [...(before.logprobs ?? []), ...(next.logprobs ?? [])];
  }
}
