/** Counts open things by account. An account that has none takes no memory. */
export class AccountCounter {
  readonly #counts = new Map<string, number>();
  #total = 0;

  get total(): number {
    return this.#total;
  }

  of(account: string): number {
    return this.#counts.get(account) ?? 0;
  }

  /** Adds one. The returned function subtracts it again; further calls of that function do nothing. */
  add(account: string): () => void {
    this.#counts.set(account, this.of(account) + 1);
    this.#total += 1;
    let counted = true;
    return () => {
      if (!counted) return;
      counted = false;
      this.#total -= 1;
      const left = this.of(account) - 1;
      if (left === 0) this.#counts.delete(account);
      else this.#counts.set(account, left);
    };
  }
}
