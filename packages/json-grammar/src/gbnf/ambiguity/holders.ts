/** What may stand below the stacks of some states: all that go by one holder share it. */
export class Holder<Looker> {
  #joined: Holder<Looker> | null = null;
  readonly #below = new Set<number>();
  /** Who has looked at what stands below, and must look again when there is more. */
  readonly #lookers = new Set<Looker>();

  /** The places, as they are now. */
  lookBelow(looker: Looker | null): readonly number[] {
    const holder = this.#found();
    if (looker !== null) holder.#lookers.add(looker);
    return [...holder.#below];
  }

  /** Says who has to look again. */
  put(place: number): Iterable<Looker> {
    const holder = this.#found();
    if (holder.#below.has(place)) return [];
    holder.#below.add(place);
    return [...holder.#lookers];
  }

  /** Makes two share what stands below. Says who has to look again. */
  join(other: Holder<Looker>): Iterable<Looker> {
    const [one, two] = [this.#found(), other.#found()];
    if (one === two) return [];
    const [large, small] =
      one.#below.size + one.#lookers.size < two.#below.size + two.#lookers.size ? [two, one] : [one, two];
    const news = [...small.#below].filter((place) => !large.#below.has(place));
    const again = [
      ...(news.length > 0 ? large.#lookers : []),
      ...(large.#below.size + news.length > small.#below.size ? small.#lookers : []),
    ];
    for (const place of news) large.#below.add(place);
    for (const looker of small.#lookers) large.#lookers.add(looker);
    small.#joined = large;
    return again;
  }

  #found(): Holder<Looker> {
    return this.#joined ? this.#joined.#found() : this;
  }
}
