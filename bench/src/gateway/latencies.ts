const bucketUs = 50;
const buckets = 400_000;

/**
 * The latencies of tokens in a histogram with buckets of 50 µs up to 20 s, so that millions of them take little memory.
 */
export class Latencies {
  readonly #counts = new Uint32Array(buckets);
  #count = 0;
  #worstUs = 0;

  add(writtenUs: number, arrivedUs: number): void {
    const lateUs = arrivedUs - writtenUs;
    const at = Math.min(buckets - 1, Math.max(0, Math.floor(lateUs / bucketUs)));
    this.#counts[at] = (this.#counts[at] ?? 0) + 1;
    this.#count++;
    this.#worstUs = Math.max(this.#worstUs, lateUs);
  }

  /** In ms, rounded up to the bucket. */
  percentile(share: number): number {
    let left = Math.ceil(this.#count * share);
    const at = this.#counts.findIndex((count) => (left -= count) <= 0);
    return ((at + 1) * bucketUs) / 1000;
  }

  /** In ms. */
  get worst(): number {
    return this.#worstUs / 1000;
  }
}
