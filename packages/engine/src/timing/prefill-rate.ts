import { product, SteadyFit } from './steady-fit.ts';

/** A chunk, with what decides how long it takes to read. */
export interface ChunkLoad {
  /** Tokens in it. */
  tokens: number;
  /** Where it begins: tokens of the same prompt that attention looks back on. */
  position: number;
  /** Streams that decode meanwhile. */
  decoders: number;
}

/** Chunks whose median tells how fast the machine is just now: fewer than half of them may have met a stall. */
const recentChunks = 15;

/** Chunks under so many tokens are read by other kernels than larger ones (llama.cpp's attention on a CPU). */
const tile = 64;

/** Where attention is taken to cost as much as everything else, until chunks have told. */
const balancedPosition = 4096;

const features = ({ tokens, position, decoders }: ChunkLoad) => [1, tokens, tokens * (position + tokens / 2), decoders];
const typical = features({ tokens: 2 * tile, position: 1024, decoders: 1 });

/** The fits of one kind of chunk: read alone, and while others decode. */
const kind = () => ({ alone: new SteadyFit(typical), beside: new SteadyFit(typical) });

/**
 * What reading takes on this machine with this model: a chunk of n tokens, whose middle is at position p, takes
 * `speed · (a + b·n + c·n·p + d·k)` ms while k streams decode. Kept for each model from one request to the next. Why it
 * is so: docs/decisions/0006-prefill-cost-model.md
 */
export class PrefillRate {
  readonly #large = kind();
  readonly #small = kind();
  /** What the first chunk alone told. */
  #guess: number[] | null = null;
  #speed = 1;
  readonly #recent: { load: ChunkLoad; ms: number }[] = [];
  readonly #pauses: number[] = [];
  readonly #factors = new Map<SteadyFit, number[]>();

  /**
   * What a chunk will take from its start to its end, in ms; null before any chunk was read. More tokens, a later
   * position and more decoders never make it less, but chunks under 64 tokens are fitted by themselves: some kernels take
   * longer for 32 tokens than for 64.
   */
  readonly predictMs = (load: ChunkLoad): number | null =>
    this.#guess && this.#speed * product(this.#factorsOf(load, this.#guess), features(load));

  /**
   * From a chunk's start to the start of the next one, in ms: while streams decode, they are waited for in between. Null
   * before any chunk was read.
   */
  readonly predictTurnMs = (load: ChunkLoad): number | null => {
    const ms = this.predictMs(load);
    return ms === null ? null : ms + (load.decoders > 0 ? median(this.#pauses) : 0);
  };

  /** What a token takes in a chunk at a prompt's beginning, in ms; null before any chunk was read. */
  get msPerToken(): number | null {
    const ms = this.predictMs({ tokens: tile, position: 0, decoders: 0 });
    return ms && ms / tile;
  }

  /** A chunk was read in so many ms. */
  add(load: ChunkLoad, ms: number): void {
    const { tokens, position, decoders } = load;
    if (tokens <= 0 || ms <= 0) return;
    const expected = this.predictMs(load);
    const perToken = ms / tokens / (1 + (position + tokens / 2) / balancedPosition);
    this.#guess ??= [0, perToken, perToken / balancedPosition, 0];
    this.#fitsOf(load)[decoders > 0 ? 'beside' : 'alone'].add(features(load), ms, expected);
    this.#factors.clear();
    this.#recent.push({ load, ms });
    if (this.#recent.length > recentChunks) this.#recent.shift();
    this.#speed = this.#recentSpeed(this.#guess);
  }

  /** So many ms passed between two chunks, in which those who decode were waited for. */
  addPause(ms: number): void {
    this.#pauses.push(ms);
    if (this.#pauses.length > recentChunks) this.#pauses.shift();
  }

  #fitsOf({ tokens }: ChunkLoad) {
    return tokens < tile ? this.#small : this.#large;
  }

  /** What is not known of a kind of chunk is taken from the next one that is like it. */
  #factorsOf(load: ChunkLoad, guess: number[]): number[] {
    const { alone, beside } = this.#fitsOf(load);
    let factors = this.#fitted(this.#large.alone, guess);
    if (alone !== this.#large.alone) factors = this.#fitted(alone, factors);
    return load.decoders > 0 ? this.#fitted(beside, factors) : factors;
  }

  #fitted(fit: SteadyFit, expected: number[]): number[] {
    const factors = this.#factors.get(fit) ?? fit.factors(expected);
    this.#factors.set(fit, factors);
    return factors;
  }

  /** How much longer than the fits say the latest chunks took: a shared machine is slower at one time than at another. */
  #recentSpeed(guess: number[]): number {
    const ratios = this.#recent.map(({ load, ms }) => ms / product(this.#factorsOf(load, guess), features(load)));
    return median(ratios);
  }
}

/** 0 of nothing. */
function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}

/** Tokens in ms as tokens per second; null when there is nothing to divide. */
export function tokensPerSecond(tokens: number, ms: number): number | null {
  return tokens > 0 && ms > 0 ? (tokens * 1000) / ms : null;
}
