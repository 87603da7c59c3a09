/** Who is asking. */
export interface Caller {
  /**
   * Whose generations and cached prefixes these are: a short hash of the API key, and never the key; `''` where the
   * gateway has no keys. The same key is the same owner on every surface and after a restart.
   */
  readonly owner: string;
}

/** Everybody, where the gateway has no keys. */
export const anyone: Caller = { owner: '' };
