/** One prompt read and answered, as its consumer saw it. */
export interface Run {
  promptTokens: number;
  /** From the first chunk's start to the last one's end. */
  prefillMs: number;
  /** How far the prompt was read after each chunk, the first at 0. */
  chunkEnds: number[];
  /** Processor time of the whole run: what a busy machine leaves alone. */
  cpuMs: number;
  tokens: number;
  tokensPerSecond: number;
}
