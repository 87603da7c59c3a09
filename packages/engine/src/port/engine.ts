import type {
  DetokenizeInput,
  ErrorCode,
  Estimate,
  GenerateInput,
  GenerateProgress,
  Generation,
  ModelInfo,
  TextToken,
  TokenizeInput,
} from '@headway/protocol';

import type { EngineActivity } from './engine-port.ts';

export interface GenerateOptions extends GenerateProgress {
  /** Cancels the generation when it aborts. */
  signal?: AbortSignal;
  /**
   * For whom it runs: 1 to 128 characters without spaces. Ids are the owner's own, and prompts reuse only what the same
   * owner's prompts left in memory, so that nobody learns from `cached` what somebody else has asked. @default nobody
   */
  owner?: string;
  /**
   * Whether `result()` has what was written. Without, it has usage, timings and how it ended, and takes no memory that
   * grows with the answer. @default true
   */
  keepsText?: boolean;
}

/** What applications hold, wherever the models run. */
export interface Engine extends AsyncDisposable {
  /**
   * Starts a generation at once. Never throws: what is wrong with the request comes as the `error` event, as the
   * rejection of `admitted` and of `result()`.
   */
  generate(input: GenerateInput, options?: GenerateOptions): Generation;
  /**
   * Ends a generation by its id; false when its owner has none of that name. An error code as `reason` ends it in that
   * error.
   */
  cancel(id: string, reason?: 'cancelled' | ErrorCode, owner?: string): boolean;
  /**
   * What a request would meet if it were sent now: its tokens, how many of them are cached for this owner, and the time to
   * its first token as the latest prompts foretell it. Reads nothing and takes no place in the queue; waits for the model
   * to load.
   *
   * @throws HeadwayError what the request would be refused with: `invalid-request`, `model-not-found`,
   * `context-overflow`, `queue-full`, `model-load-failed`, `shutting-down`; `engine-crashed` while a process of the
   * engine's own is started again
   */
  estimate(input: GenerateInput, options?: Pick<GenerateOptions, 'owner'>): Promise<Estimate>;
  /**
   * The text that a request would be read as: a conversation by the model's chat template, with the opening of the
   * answer; a raw prompt as it is. Runs nothing.
   *
   * @throws HeadwayError `invalid-request`, `model-not-found`, `queue-full`, and those of a model that is not there, as
   * `estimate`
   */
  applyTemplate(input: GenerateInput): Promise<string>;
  /** A text's tokens, as the model has them. @throws HeadwayError as `applyTemplate` */
  tokenize(input: TokenizeInput, options?: Pick<GenerateOptions, 'owner'>): Promise<TextToken[]>;
  /** The text of tokens, special ones written out. @throws HeadwayError as `applyTemplate`; also for a token that is not there */
  detokenize(input: DetokenizeInput): Promise<string>;
  /** The models, the default one first. */
  models(): Promise<ModelInfo[]>;
  /** What it is busy with. */
  activity(): Promise<EngineActivity>;
  /** Resolves when every model is loaded. @throws HeadwayError `model-load-failed` when one cannot be */
  ready(): Promise<void>;
  /** Ends what runs with the error `shutting-down` and frees the models. Resolves when nothing is left; again does nothing. */
  close(): Promise<void>;
}
