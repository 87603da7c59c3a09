import type { FinishReason, GenerationEvent, Misfit, TokenLogprob, ToolCall } from '../schema/events/event.ts';
import type { Timings, Usage } from '../schema/events/usage.ts';

/** What one choice came to. */
export interface ChoiceResult {
  index: number;
  text: string;
  /** What was written on the channel `reasoning`. */
  reasoning: string;
  /** Tokens that `reasoning` took, of those in the usage. */
  reasoningTokens: number;
  toolCalls: ToolCall[];
  /** One for each token of `text`, in order, when asked for. */
  logprobs?: TokenLogprob[];
  finishReason: FinishReason;
  /** The stop string that ended it; left out when none did. */
  stopString?: string;
  usage: Usage;
  timings: Timings;
  /** What of the request's schemas the grammar did not keep, and whether the answer fits all the same; see `done`. */
  leftOut?: string[];
  fitsSchema?: boolean;
  misfits?: Misfit[];
}

/** What a generation came to: its first choice, and all of them. */
export interface GenerationResult extends ChoiceResult {
  id: string;
  choices: ChoiceResult[];
}

/**
 * One run of the engine, in the engine and in the SDK alike. It starts at once, whether or not anybody reads.
 *
 * The events can be read once; leaving the loop cancels. `result()`, `text()` and the loop can be used together.
 */
export interface Generation extends AsyncIterable<GenerationEvent>, AsyncDisposable {
  readonly id: string;
  /**
   * Resolves when the engine took the request, i.e. when its first event is there.
   * Rejects with the HeadwayError by which it was refused; the loop then yields that as its only event.
   */
  readonly admitted: Promise<void>;
  /** Throws when read a second time. */
  [Symbol.asyncIterator](): AsyncIterator<GenerationEvent, undefined>;
  /**
   * Resolves at the end, on `cancelled` with what there is by then.
   *
   * @throws HeadwayError when a choice ended in an error
   */
  result(): Promise<GenerationResult>;
  /** The text of the first choice; otherwise as `result()`. */
  text(): Promise<string>;
  /** Asks the engine to stop; resolves when it has. Does nothing to one that has ended. */
  cancel(): Promise<void>;
  /** As `cancel()`. */
  [Symbol.asyncDispose](): Promise<void>;
}
