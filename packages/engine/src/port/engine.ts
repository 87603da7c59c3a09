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
   * The owner of the generation: 1 to 128 characters without spaces. Each owner has its own ids. A prompt reuses only
   * what the same owner's prompts left in memory, so `cached` reveals nothing about other owners' prompts.
   * @default the empty owner
   */
  owner?: string;
  /**
   * Whether `result()` includes the text. When false, it has usage, timings and the finish reason, and memory does not
   * grow with the answer. @default true
   */
  keepsText?: boolean;
}

/** What applications use, whether the models run in this process or in another. */
export interface Engine extends AsyncDisposable {
  /**
   * Starts a generation at once. Never throws: an error of the request arrives as the `error` event and rejects
   * `admitted` and `result()`.
   */
  generate(input: GenerateInput, options?: GenerateOptions): Generation;
  /**
   * Stops a generation by its id. False when the owner has no running generation with this id. An error code as
   * `reason` ends the generation with that error.
   */
  cancel(id: string, reason?: 'cancelled' | ErrorCode, owner?: string): boolean;
  /**
   * Cancels one of a generation's choices, counted from 0; the others go on untouched. The last open one ends the
   * generation. False when the owner has no running generation with this id, or the choice has ended.
   *
   * @throws HeadwayError `invalid-request` for an index that the generation does not have
   */
  cancelChoice(id: string, index: number, owner?: string): boolean;
  /**
   * What a request would find if it were sent now: its tokens, how many of them are cached for this owner, and the time
   * to its first token, predicted from recent prompts. Prefills nothing and takes no place in the queue; waits for the
   * model to load.
   *
   * @throws HeadwayError the error that would refuse the request: `invalid-request`, `model-not-found`,
   * `context-overflow`, `queue-full`, `model-load-failed`, `shutting-down`; `engine-crashed` while an isolated engine's
   * process restarts
   */
  estimate(input: GenerateInput, options?: Pick<GenerateOptions, 'owner'>): Promise<Estimate>;
  /**
   * The text that prefill would read for a request: a conversation rendered by the model's chat template, with the
   * opening of the answer; a raw prompt unchanged. Runs nothing.
   *
   * @throws HeadwayError `invalid-request`, `model-not-found`, `queue-full`; as `estimate` for a model that is not
   * loaded
   */
  applyTemplate(input: GenerateInput): Promise<string>;
  /** The tokens of a text in the model's vocabulary. @throws HeadwayError as `applyTemplate` */
  tokenize(input: TokenizeInput, options?: Pick<GenerateOptions, 'owner'>): Promise<TextToken[]>;
  /**
   * The text of tokens. Special tokens appear as their written form.
   *
   * @throws HeadwayError as `applyTemplate`; `invalid-request` for a token that is not in the vocabulary
   */
  detokenize(input: DetokenizeInput): Promise<string>;
  /** The models, the default one first. */
  models(): Promise<ModelInfo[]>;
  /** The current load: busy slots and queued requests. */
  activity(): Promise<EngineActivity>;
  /**
   * Resolves when every model is loaded, or, if it is loaded on demand, can be.
   *
   * @throws HeadwayError `model-load-failed` when a model does not load
   */
  ready(): Promise<void>;
  /**
   * Ends every generation with the error `shutting-down` and frees the models. Resolves when both are done. Idempotent.
   */
  close(): Promise<void>;
}
