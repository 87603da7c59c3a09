import type {
  ErrorEvent,
  FinishReason,
  GenerationEvent,
  Lifecycle,
  PrefillEvent,
  SpanProgress,
  SummaryEvent,
  Timings,
  ToolCall,
  Usage,
} from '@headway/protocol';

import type { AnswerState } from './answer-state.ts';
import type { RateSample } from './rate-samples.ts';

/** A generation's state for a component. Its own fields are those of the first choice; `answers` has all choices. */
export interface GenerationState {
  /**
   * `connecting` until the gateway's first event; then the generation's phase, `decode` from the first token on; `done` or
   * `error` at the end.
   */
  state: 'idle' | 'connecting' | Exclude<Lifecycle, 'ended'> | 'done' | 'error';
  /** True from `stop()` until the end. */
  stopping: boolean;
  id: string | null;
  /** The latest prefill event, kept during decode. Its `etaMs` is null during a stall. */
  prefill: PrefillEvent | null;
  /** How far each of the request's `spans` is read, by number: the latest of those that were told. */
  spans: SpanProgress[];
  /** How long no event has arrived during prefill or decode, in ms: whole seconds from 2000 on; null without a stall. */
  stalledMs: number | null;
  /**
   * True while the client has lost the gateway and tries to reach it again. Without it, a stall is the engine's: the gateway
   * is there, and has nothing to tell.
   */
  reconnecting: boolean;
  /** How many events have arrived: it moves when the generation does, and at no other time. */
  heartbeat: number;
  /** One for each choice, by index. For a watched generation, whose request is unknown, the events add them. */
  answers: AnswerState[];
  text: string;
  reasoning: string;
  /** How many of `completionTokens` are reasoning. */
  reasoningTokens: number;
  /** How long the model reasoned, in ms. */
  reasoningMs: number;
  /** Tokens decoded so far. */
  completionTokens: number;
  /** The decode rate: the latest while it runs, the average at the end; null until it is known. */
  tokensPerSecond: number | null;
  /** Until the end, the calls so far: the arguments of the last one grow, and may be cut anywhere. */
  toolCalls: ToolCall[];
  /** How far all choices are, at most every 200 ms; null until the first event. */
  summary: SummaryEvent | null;
  /** How far the generation was over time: at most 256, about evenly spaced, the last one the latest. */
  samples: RateSample[];
  /** `cancelled` after `stop()`; null before the end. */
  finishReason: FinishReason | null;
  usage: Usage | null;
  timings: Timings | null;
  /** The event that made the state `error`. */
  error: ErrorEvent | null;
}

/** The state before the first `start()`. */
export const idleGeneration: GenerationState = {
  state: 'idle',
  stopping: false,
  id: null,
  prefill: null,
  spans: [],
  stalledMs: null,
  reconnecting: false,
  heartbeat: 0,
  answers: [],
  text: '',
  reasoning: '',
  reasoningTokens: 0,
  reasoningMs: 0,
  completionTokens: 0,
  tokensPerSecond: null,
  toolCalls: [],
  summary: null,
  samples: [],
  finishReason: null,
  usage: null,
  timings: null,
  error: null,
};

export type GenerationAction =
  /** `choices`: how many answers the request asks for. @default 1; events add others */
  | { type: 'start'; id: string; choices?: number | undefined }
  | { type: 'stop' }
  | { type: 'stop-failed' }
  /** Of one answer; the others go on. */
  | { type: 'stop-answer'; index: number }
  | { type: 'stop-answer-failed'; index: number }
  | { type: 'stalled'; stalledMs: number }
  /** The client lost the gateway, or reached it again. */
  | { type: 'connection'; reconnecting: boolean }
  | { type: 'reset' }
  /** Several events that change the state once, such as those of a frame. It costs much less than one action for each. */
  | { type: 'events'; events: readonly (GenerationEvent | SummaryEvent)[] }
  | GenerationEvent
  | SummaryEvent;

/** True between `start()` and the end. */
export function isRunning({ state }: GenerationState): boolean {
  return state !== 'idle' && state !== 'done' && state !== 'error';
}
