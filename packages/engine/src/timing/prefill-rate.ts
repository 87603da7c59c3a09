import { median } from './median.ts';
import { product, NonNegativeFit } from './non-negative-fit.ts';

/** A chunk and the facts that decide how long it takes. */
export interface ChunkLoad {
  /** Tokens in it. */
  tokens: number;
  /** Tokens of the same prompt before the chunk; attention reads them. */
  position: number;
  /** Streams that decode at the same time. */
  decoders: number;
}

/** Latest chunks whose median gives the current speed. It holds while fewer than half of them stalled. */
const recentChunks = 15;

/** Chunks with fewer tokens use other kernels than larger ones (llama.cpp's attention on a CPU). */
const tile = 64;

/** Assumed position at which attention costs as much as the rest, until chunks are measured. */
const balancedPosition = 4096;

const features = ({ tokens, position, decoders }: ChunkLoad) => [1, tokens, tokens * (position + tokens / 2), decoders];
const typical = features({ tokens: 2 * tile, position: 1024, decoders: 1 });

/** The fits of one kind of chunk: while no stream decodes (`alone`), and while some do (`withDecoders`). */
const kind = () => ({ alone: new NonNegativeFit(typical), withDecoders: new NonNegativeFit(typical) });

/**
 * Learns how long prefill takes for this model on this machine: a chunk of n tokens, whose middle is at position p,
 * takes `speed · (a + b·n + c·n·p + d·k)` ms while k streams decode. One instance per model learns from all its
 * requests. For the reasons see docs/decisions/0006-prefill-cost-model.md
 */
export class PrefillRate {
  readonly #large = kind();
  readonly #small = kind();
  /** Factors estimated from the first chunk alone. */
  #guess: number[] | null = null;
  #speed = 1;
  readonly #recent: { load: ChunkLoad; ms: number }[] = [];
  readonly #pauses: number[] = [];
  readonly #factors = new Map<NonNegativeFit, number[]>();

  /**
   * Predicted time of a chunk, in ms; null before any chunk was measured. Never falls with more tokens, a later
   * position or more decoders. Chunks under 64 tokens have fits of their own: some kernels take longer for 32 tokens
   * than for 64.
   */
  readonly predictMs = (load: ChunkLoad): number | null =>
    this.#guess && this.#speed * product(this.#factorsOf(load, this.#guess), features(load));

  /**
   * Predicted time from a chunk's start to the next one's start, in ms: while streams decode, the scheduler waits for
   * them in between. Null before any chunk was measured.
   */
  readonly predictIntervalMs = (load: ChunkLoad): number | null => {
    const ms = this.predictMs(load);
    return ms === null ? null : ms + (load.decoders > 0 ? median(this.#pauses) : 0);
  };

  /** Time per token in a chunk at a prompt's beginning, in ms; null before any chunk was measured. */
  get msPerToken(): number | null {
    const ms = this.predictMs({ tokens: tile, position: 0, decoders: 0 });
    return ms && ms / tile;
  }

  /** Adds the measured time of a chunk, in ms. */
  add(load: ChunkLoad, ms: number): void {
    const { tokens, position, decoders } = load;
    if (tokens <= 0 || ms <= 0) return;
    const expected = this.predictMs(load);
    const perToken = ms / tokens / (1 + (position + tokens / 2) / balancedPosition);
    this.#guess ??= [0, perToken, perToken / balancedPosition, 0];
    this.#fitsOf(load)[decoders > 0 ? 'withDecoders' : 'alone'].add(features(load), ms, expected);
    this.#factors.clear();
    this.#recent.push({ load, ms });
    if (this.#recent.length > recentChunks) this.#recent.shift();
    this.#speed = this.#recentSpeed(this.#guess);
  }

  /** Adds the measured time between two chunks, in which the scheduler waited for decoding streams, in ms. */
  addPause(ms: number): void {
    this.#pauses.push(ms);
    if (this.#pauses.length > recentChunks) this.#pauses.shift();
  }

  #fitsOf({ tokens }: ChunkLoad) {
    return tokens < tile ? this.#small : this.#large;
  }

  /** A kind of chunk without measurements takes the factors of the most similar kind. */
  #factorsOf(load: ChunkLoad, guess: number[]): number[] {
    const { alone, withDecoders } = this.#fitsOf(load);
    let factors = this.#fitted(this.#large.alone, guess);
    if (alone !== this.#large.alone) factors = this.#fitted(alone, factors);
    return load.decoders > 0 ? this.#fitted(withDecoders, factors) : factors;
  }

  #fitted(fit: NonNegativeFit, expected: number[]): number[] {
    const factors = this.#factors.get(fit) ?? fit.factors(expected);
    this.#factors.set(fit, factors);
    return factors;
  }

  /** Median ratio of measured to fitted time over the latest chunks: the speed of a shared machine varies. */
  #recentSpeed(guess: number[]): number {
    const ratios = this.#recent.map(({ load, ms }) => ms / product(this.#factorsOf(load, guess), features(load)));
    return median(ratios);
  }
}

/** Tokens per second of `tokens` in `ms`; null when either is 0 or less. */
export function tokensPerSecond(tokens: number, ms: number): number | null {
  return tokens > 0 && ms > 0 ? (tokens * 1000) / ms : null;
}
