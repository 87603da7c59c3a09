import type {
  ErrorEvent,
  FinishReason,
  GenerationEvent,
  Lifecycle,
  PrefillEvent,
  Timings,
  ToolCall,
  Usage,
} from '@headway/protocol';

/** Where a request stands, as a component shows it. Of several choices it shows the first. */
export interface GenerationState {
  /**
   * `connecting` until the gateway's first event; then the generation's phase, `decode` from the first token on; `done` or
   * `error` at the end.
   */
  state: 'idle' | 'connecting' | Exclude<Lifecycle, 'ended'> | 'done' | 'error';
  /** True from `stop()` until the end. */
  stopping: boolean;
  id: string | null;
  /** The latest; it stays when the writing begins. Its `etaMs` is withdrawn while nothing moves. */
  prefill: PrefillEvent | null;
  /**
   * How long nothing has come while the prompt is read or the answer written, in whole seconds, from 2 s on, in ms; null
   * while it moves.
   */
  stalledMs: number | null;
  text: string;
  reasoning: string;
  /** Tokens written so far. */
  completionTokens: number;
  /** Of the writing: the latest while it goes on, the average at the end; null before the first token. */
  tokensPerSecond: number | null;
  toolCalls: ToolCall[];
  /** `cancelled` after `stop()`; null before the end. */
  finishReason: FinishReason | null;
  usage: Usage | null;
  timings: Timings | null;
  /** Why the state is `error`. */
  error: ErrorEvent | null;
}

/** Before the first `start()`. */
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
  | GenerationEvent;

/** What an event, or the caller, makes of the state. */
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
    case 'token': {
      const writing = { ...state, state: 'decode' as const, stalledMs: null };
      if (action.index !== 0) return writing;
      const { completionTokens, tokensPerSecond, text, channel } = action;
      return {
        ...writing,
        completionTokens,
        tokensPerSecond,
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
