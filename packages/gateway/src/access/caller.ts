/** The sender of a request, as far as the gateway knows it. */
export interface Caller {
  /**
   * Identifies the caller's generations and cached prefixes: a short hash of the API key, never the key itself, and
   * `''` where the gateway has no keys. One key gives the same owner on every surface and after a restart.
   */
  readonly owner: string;
}

/** Every caller of a gateway without keys. */
export const anonymousCaller: Caller = { owner: '' };
