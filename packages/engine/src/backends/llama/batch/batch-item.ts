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
  /** Whether a draw changes what a second one would give, as a grammar does: it is not drawn again. @default false */
  readonly drawsOnce?: boolean;
  /** Called after each batch that evaluated tokens of the item, with how many. */
  evaluated?(tokens: number): void;
  /** Called once, when all tokens are evaluated, with what `draw` gave for each of `drawAt`. */
  done(drawn: Drawn[]): void;
  /**
   * Called once instead of `done`. After a failed draw the tokens are in memory; after a failed batch those of earlier
   * batches are.
   */
  failed(reason: unknown, evaluated: boolean): void;
}
