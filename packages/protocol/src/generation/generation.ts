import type { FinishReason, GenerationEvent, Misfit, TokenLogprob, ToolCall } from '../schema/events/event.ts';
import type { Timings, Usage } from '../schema/events/usage.ts';

/** The result of one choice. */
export interface ChoiceResult {
  index: number;
  text: string;
  /** The text of the channel `reasoning`. */
  reasoning: string;
  /** How many of the usage's completion tokens are reasoning. */
  reasoningTokens: number;
  toolCalls: ToolCall[];
  /** One for each token of `text`, in order, if the request has `logprobs`. */
  logprobs?: TokenLogprob[];
  finishReason: FinishReason;
  /** The stop string that ended the text; left out when none did. */
  stopString?: string;
  usage: Usage;
  timings: Timings;
  /**
   * Parts of the request's schemas that the grammar did not keep, and whether the answer fits nevertheless; see `done`.
   */
  leftOut?: string[];
  fitsSchema?: boolean;
  misfits?: Misfit[];
}

/** The result of a generation: the fields of its first choice, and all choices. */
export interface GenerationResult extends ChoiceResult {
  id: string;
  choices: ChoiceResult[];
}

/**
 * One run of the engine; the engine and the SDK have the same interface. It starts at once, whether or not the caller
 * reads its events.
 *
 * The events can be read once. Leaving the loop cancels the generation. `result()`, `text()` and the loop can be used
 * together.
 *
 * `Event` is `GenerationEvent | SummaryEvent` where summaries were asked for.
 */
export interface Generation<Event = GenerationEvent> extends AsyncIterable<Event>, AsyncDisposable {
  readonly id: string;
  /**
   * Resolves when the engine has accepted the request, that is with the first event.
   * Rejects with a HeadwayError when the engine refuses it; the loop then yields that error as its only event.
   */
  readonly admitted: Promise<void>;
  /** @throws HeadwayError `invalid-request` when called a second time */
  [Symbol.asyncIterator](): AsyncIterator<Event, undefined>;
  /**
   * Calls `onEvent` with each event as soon as it arrives, in place of the loop, and resolves at the end. It costs less
   * than the loop, whose every event is a promise. `onEvent` runs within the event's arrival, so it must not block, and
   * must not be async: nothing awaits it. If it returns a promise that rejects before the end, that counts as thrown.
   *
   * @throws HeadwayError as the loop does; what `onEvent` throws, which also cancels the generation
   */
  forEach(onEvent: (event: Event) => void): Promise<void>;
  /**
   * Resolves at the end. After a cancel it resolves with the text written so far.
   *
   * @throws HeadwayError when a choice ended in an error
   */
  result(): Promise<GenerationResult>;
  /** The text of the first choice. Resolves and rejects as `result()` does. */
  text(): Promise<string>;
  /** Asks the engine to stop; resolves when it has. Does nothing once the generation has ended. */
  cancel(): Promise<void>;
  /** As `cancel()`. */
  [Symbol.asyncDispose](): Promise<void>;
}
