import type {
  ErrorEvent,
  FinishReason,
  GenerationEvent,
  Lifecycle,
  PrefillEvent,
  SummaryEvent,
  Timings,
  ToolCall,
  Usage,
} from '@headway/protocol';

/** A generation's state for a component. Of several choices it holds the first; `summary` has all. */
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
  /** How long no event has arrived during prefill or decode, in ms: whole seconds from 2000 on; null without a stall. */
  stalledMs: number | null;
  text: string;
  reasoning: string;
  /** Tokens decoded so far. */
  completionTokens: number;
  /** The decode rate: the latest while it runs, the average at the end; null until it is known. */
  tokensPerSecond: number | null;
  toolCalls: ToolCall[];
  /** How far all choices are, at most every 200 ms; null until the first event. */
  summary: SummaryEvent | null;
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
  stalledMs: null,
  text: '',
  reasoning: '',
  completionTokens: 0,
  tokensPerSecond: null,
  toolCalls: [],
  summary: null,
  finishReason: null,
  usage: null,
  timings: null,
  error: null,
};

export type GenerationAction =
  | { type: 'start'; id: string }
  | { type: 'stop' }
  | { type: 'stop-failed' }
  | { type: 'stalled'; stalledMs: number }
  | { type: 'reset' }
  | GenerationEvent
  | SummaryEvent;

/** Returns the state after an event, or after a call of the component. */
export function generationReducer(state: GenerationState, action: GenerationAction): GenerationState {
  switch (action.type) {
    case 'start':
      return { ...idleGeneration, state: 'connecting', id: action.id };
    case 'stop':
      return isRunning(state) ? { ...state, stopping: true } : state;
    case 'stop-failed':
      return { ...state, stopping: false };
    case 'stalled':
      return {
        ...state,
        stalledMs: action.stalledMs,
        prefill: state.prefill && { ...state.prefill, etaMs: null },
      };
    case 'reset':
      return idleGeneration;
    case 'prefill':
      return {
        ...state,
        state: action.phase,
        prefill: action,
        stalledMs: null,
      };
    case 'span':
      return state;
    case 'token': {
      const writing = { ...state, state: 'decode' as const, stalledMs: null };
      if (action.index !== 0) return writing;
      const { completionTokens, tokensPerSecond, text, channel } = action;
      return {
        ...writing,
        completionTokens,
        tokensPerSecond: tokensPerSecond || null,
        text: channel === 'content' ? state.text + text : state.text,
        reasoning: channel === 'reasoning' ? state.reasoning + text : state.reasoning,
      };
    }
    case 'done': {
      const ended = end(state, action.remaining);
      if (action.index !== 0) return ended;
      const { finishReason, usage, timings, toolCalls } = action;
      const tokensPerSecond = timings.decodeTokensPerSecond ?? state.tokensPerSecond;
      return {
        ...ended,
        finishReason,
        usage,
        timings,
        toolCalls,
        tokensPerSecond,
        completionTokens: usage.completionTokens,
      };
    }
    case 'summary':
      return { ...state, summary: action };
    case 'error':
      return end({ ...state, error: state.error ?? action, usage: state.usage ?? action.usage }, action.remaining);
    default:
      action satisfies never;
      return state;
  }
}

/** True between `start()` and the end. */
export function isRunning({ state }: GenerationState): boolean {
  return state !== 'idle' && state !== 'done' && state !== 'error';
}

function end(state: GenerationState, remaining: number): GenerationState {
  const moving = { ...state, stalledMs: null };
  return remaining > 0 ? moving : { ...moving, state: state.error ? 'error' : 'done', stopping: false };
}
