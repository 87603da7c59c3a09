/** One prompt prefilled and answered, as its caller saw it. */
export interface Run {
  promptTokens: number;
  /** From the first chunk's start to the last one's end. */
  prefillMs: number;
  /** The prompt position after each chunk; the first one is 0. */
  chunkEnds: number[];
  /** CPU time of the whole run; unlike wall time, it does not depend on other load. */
  cpuMs: number;
  tokens: number;
  tokensPerSecond: number;
}
