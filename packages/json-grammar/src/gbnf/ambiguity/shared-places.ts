/** The places that may be below the stacks of some states; joined objects share them. */
export class SharedPlaces<Observer> {
  #joined: SharedPlaces<Observer> | null = null;
  readonly #below = new Set<number>();
  /** Observers that must look again when a place is added. */
  readonly #observers = new Set<Observer>();

  /** The current places. `observer` must look again when there are more. */
  observe(observer: Observer | null): readonly number[] {
    const holder = this.#found();
    if (observer !== null) holder.#observers.add(observer);
    return [...holder.#below];
  }

  /** Adds a place. Returns the observers that must look again. */
  put(place: number): Iterable<Observer> {
    const holder = this.#found();
    if (holder.#below.has(place)) return [];
    holder.#below.add(place);
    return [...holder.#observers];
  }

  /** Joins two objects. Returns the observers that must look again. */
  join(other: SharedPlaces<Observer>): Iterable<Observer> {
    const [one, two] = [this.#found(), other.#found()];
    if (one === two) return [];
    const [large, small] =
      one.#below.size + one.#observers.size < two.#below.size + two.#observers.size ? [two, one] : [one, two];
    const news = [...small.#below].filter((place) => !large.#below.has(place));
    const again = [
      ...(news.length > 0 ? large.#observers : []),
      ...(large.#below.size + news.length > small.#below.size ? small.#observers : []),
    ];
    for (const place of news) large.#below.add(place);
    for (const observer of small.#observers) large.#observers.add(observer);
    small.#joined = large;
    return again;
  }

  #found(): SharedPlaces<Observer> {
    return this.#joined ? this.#joined.#found() : this;
  }
}
