/** What a batch computes: the next tokens of answers, or chunks of prompts. */
export type Work = 'decode' | 'prefill';

/** Consecutive tokens of one sequence that wait to be evaluated. */
export interface BatchItem<Drawn = unknown> {
  readonly work: Work;
  readonly sequenceId: number;
  /** The first token's position in the sequence. */
  readonly position: number;
  readonly tokens: readonly number[];
  /** Indexes into `tokens`, ascending: a token is drawn after each of these. None for most chunks. */
  readonly drawAt: readonly number[];
  /**
   * Draws the token that follows `tokens[at]`. `output` is that token's place in the batch.
   *
   * With `drawsInJob`, the call only queues a job for libuv's threads.
   */
  draw(output: number, at: number): Promise<Drawn>;
  /** @default false */
  readonly drawsInJob?: boolean;
  /**
   * Whether a draw moves a grammar on, so that none can be made again after a failed batch. Random numbers move on, too:
   * a text with a seed may then differ.
   *
   * @default false
   */
  readonly drawsOnce?: boolean;
  /** Called after each batch that evaluated tokens of the item, with how many. */
  evaluated?(tokens: number): void;
  /** Called once, when all tokens are evaluated, with what `draw` gave for each of `drawAt`. */
  done(drawn: Drawn[]): void;
  /**
   * Called once instead of `done`. `evaluated`: how many of the tokens are in memory. After a failed draw all are, after
   * a failed batch those of earlier batches.
   */
  failed(reason: unknown, evaluated: number): void;
}
