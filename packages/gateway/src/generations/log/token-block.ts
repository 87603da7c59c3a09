import type { TokenChannel, TokenEvent } from '@headway/protocol';

import { packedBytes, packNumbers, readPacked, type PackedNumbers } from './packed-numbers.ts';

/** Tokens of one block. */
export const blockSize = 128;

/** Memory of a token besides its text while its block has room, in bytes. */
const tokenBytes = 48;

/** Memory of a full block besides its tokens and runs, and that of a run, in bytes. */
const fullBlockBytes = 1536;
const runBytes = 100;

/** What adjacent tokens must have in common to be merged. */
export interface Run {
  index: number;
  channel: TokenChannel;
  toolCall: TokenEvent['toolCall'];
}

export function sameRun(a: Run | TokenEvent, b: Run | TokenEvent): boolean {
  return a.index === b.index && a.channel === b.channel && a.toolCall?.index === b.toolCall?.index;
}

/** The fields of a token event that a block stores. */
type StoredField =
  | 'type'
  | 'seq'
  | 'index'
  | 'text'
  | 'count'
  | 'completionTokens'
  | 'tokensPerSecond'
  | 'channel'
  | 'toolCall'
  | 'logprobs';

/** `never`, so that nothing compiles, once the event has a field that a block does not store. */
type StoredToken = Exclude<keyof TokenEvent, StoredField> extends never ? TokenEvent : never;

/** The numbers of each token: `seq`, the end of its text in the block's, and so on. */
const columns = 6;
const [seqAt, textEndAt, countAt, completionAt, rateAt, weightAt] = [0, 1, 2, 3, 4, 5] as const;

/** Where a block keeps its numbers until it is full. Then another block can have it. */
export function createRows(): Float64Array {
  return new Float64Array(blockSize * columns);
}

/**
 * Stores 128 tokens as one text and a few packed numbers. That takes a tenth of the memory of their events, and leaves
 * the garbage collector no objects that live as long as the log.
 */
export class TokenBlock {
  /** The numbers of a token side by side while the block has room; null once it is full and they are packed. */
  #rows: Float64Array | null;
  #packed: PackedNumbers[] = [];
  /** Where in the block each run begins. */
  readonly #runs: { from: number; run: Run }[] = [];
  #lastRun: Run | null = null;
  /** The texts, joined once the block is full. */
  #texts: string[] | string = [];
  /** Each token's log-probabilities: as they came, and as JSON once the block is full, which takes a quarter of the memory. */
  #logprobs: (TokenEvent['logprobs'] | string)[] | null = null;
  #textEnd = 0;
  #size = 0;
  #bytes = 0;

  /** @param rows as of `createRows`; the block's own until it is full */
  constructor(rows: Float64Array) {
    this.#rows = rows;
  }

  get size(): number {
    return this.#size;
  }

  get lastSeq(): number {
    return this.#fact(this.#size - 1, seqAt);
  }

  /** Estimated memory of the block, in bytes. It falls when the block is full and packed. */
  get bytes(): number {
    return this.#bytes;
  }

  append(event: StoredToken): void {
    const rows = this.#rows;
    if (!rows || typeof this.#texts === 'string') throw new Error('the block is full');
    const { text, logprobs } = event;
    const at = this.#size++;
    this.#textEnd += text.length;
    this.#texts.push(text);
    if (!this.#lastRun || !sameRun(this.#lastRun, event))
      this.#runs.push({ from: at, run: (this.#lastRun = runOf(event)) });
    const weight = logprobs ? logprobsWeight(logprobs) : 0;
    const row = columns * at;
    rows[row + seqAt] = event.seq;
    rows[row + textEndAt] = this.#textEnd;
    rows[row + countAt] = event.count;
    rows[row + completionAt] = event.completionTokens;
    rows[row + rateAt] = event.tokensPerSecond;
    rows[row + weightAt] = weight;
    if (logprobs) (this.#logprobs ??= [])[at] = logprobs;
    this.#bytes += tokenBytes + 2 * text.length + weight;
    if (this.#size === blockSize) this.#pack(rows);
  }

  #pack(rows: Float64Array): void {
    const column = new Float64Array(blockSize);
    for (let of = 0; of < columns; of++) {
      for (let at = 0; at < blockSize; at++) column[at] = rows[columns * at + of] ?? 0;
      this.#packed.push(packNumbers(column));
    }
    this.#rows = null;
    this.#bytes += fullBlockBytes + runBytes * this.#runs.length - tokenBytes * blockSize;
    for (const packed of this.#packed) this.#bytes += packedBytes(packed);
    if (typeof this.#texts !== 'string') this.#texts = this.#texts.join('');
    this.#logprobs = this.#logprobs?.map((of) => of && JSON.stringify(of)) ?? null;
  }

  seq(at: number): number {
    return this.#fact(at, seqAt);
  }

  /** Approximate size of the tokens `from` to `to` in a message, in characters. */
  weight(from: number, to: number): number {
    let weight = this.#textStart(to) - this.#textStart(from);
    if (this.#logprobs) for (let at = from; at < to; at++) weight += this.#fact(at, weightAt);
    return weight;
  }

  /** The first token after `seq`; the size when there is none. */
  firstAfter(seq: number): number {
    let [low, high] = [0, this.#size];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.seq(middle) <= seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The run that a token belongs to, and the index at which the run ends. */
  runAt(at: number): { run: Run; to: number } {
    const of = this.#runs.findLastIndex(({ from }) => from <= at);
    const found = this.#runs[of];
    if (!found) throw new Error('a block begins with a run');
    return { run: found.run, to: this.#runs[of + 1]?.from ?? this.#size };
  }

  /** Merges the tokens `from` to `to`, which belong to one run, into one event. */
  merge({ index, channel, toolCall }: Run, from: number, to: number): TokenEvent {
    let count = 0;
    for (let at = from; at < to; at++) count += this.#fact(at, countAt);
    const last = to - 1;
    const logprobs = this.#logprobs?.slice(from, to).flatMap((of) => readLogprobs(of) ?? []);
    return {
      type: 'token',
      seq: this.seq(last),
      index,
      text: this.#text(from, to),
      count,
      completionTokens: this.#fact(last, completionAt),
      tokensPerSecond: this.#fact(last, rateAt),
      channel,
      ...(toolCall && { toolCall }),
      ...(logprobs && logprobs.length > 0 && { logprobs }),
    };
  }

  #text(from: number, to: number): string {
    return typeof this.#texts === 'string'
      ? this.#texts.slice(this.#textStart(from), this.#textStart(to))
      : this.#texts.slice(from, to).join('');
  }

  #textStart(at: number): number {
    return at === 0 ? 0 : this.#fact(at - 1, textEndAt);
  }

  #fact(at: number, of: number): number {
    if (this.#rows) return this.#rows[columns * at + of] ?? 0;
    const packed = this.#packed[of];
    return packed ? readPacked(packed, at) : 0;
  }
}

function runOf({ index, channel, toolCall }: TokenEvent): Run {
  return { index, channel, toolCall };
}

function readLogprobs(kept: TokenEvent['logprobs'] | string): TokenEvent['logprobs'] {
  return typeof kept === 'string' ? (JSON.parse(kept) as TokenEvent['logprobs']) : kept;
}

/** A log-probability has a token, its bytes and a number, and so has each alternative. */
function logprobsWeight(logprobs: NonNullable<TokenEvent['logprobs']>): number {
  return logprobs.reduce((sum, { top }) => sum + 100 * (1 + top.length), 0);
}
