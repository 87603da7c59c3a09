/** One prompt read and answered, as its consumer saw it. */
export interface Run {
  promptTokens: number;
  /** From the first chunk's start to the last one's end. */
  prefillMs: number;
  /** How far the prompt was read after each chunk, the first at 0. */
  chunkEnds: number[];
  tokens: number;
  tokensPerSecond: number;
}
