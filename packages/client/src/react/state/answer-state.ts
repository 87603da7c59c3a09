import type { DoneEvent, ErrorEvent, FinishReason, Timings, TokenEvent, ToolCall, Usage } from '@headway/protocol';

/** One of a generation's answers: a choice of the request. */
export interface AnswerState {
  /** The choice's index, as in its events. */
  index: number;
  /** `waiting` until its first token. */
  state: 'waiting' | 'decode' | 'done' | 'error';
  /** True from `stopAnswer(index)` until its end. */
  stopping: boolean;
  text: string;
  reasoning: string;
  /** How many of `completionTokens` are reasoning. */
  reasoningTokens: number;
  /** How long the model reasoned, in ms, up to the latest token of `reasoning`. Measured where the tokens are made. */
  reasoningMs: number;
  /** Until the end, the calls so far: the arguments of the last one grow, and may be cut anywhere. */
  toolCalls: ToolCall[];
  /** Tokens decoded so far. */
  completionTokens: number;
  /** How long the answer had been written at its latest token, in ms. Measured where the tokens are made. */
  decodeMs: number;
  /** Tokens that came without a rate: the one that prefill drew. */
  unratedTokens: number;
  /** The decode rate: the latest while it runs, the average at the end; null until it is known. */
  tokensPerSecond: number | null;
  /** `cancelled` after a stop; null before the end. */
  finishReason: FinishReason | null;
  usage: Usage | null;
  timings: Timings | null;
  /** The event that made the state `error`. */
  error: ErrorEvent | null;
}

export function waitingAnswer(index: number): AnswerState {
  return {
    index,
    state: 'waiting',
    stopping: false,
    text: '',
    reasoning: '',
    reasoningTokens: 0,
    reasoningMs: 0,
    toolCalls: [],
    completionTokens: 0,
    decodeMs: 0,
    unratedTokens: 0,
    tokensPerSecond: null,
    finishReason: null,
    usage: null,
    timings: null,
    error: null,
  };
}

export function hasEnded({ state }: AnswerState): boolean {
  return state === 'done' || state === 'error';
}

/** Adds a token event to an answer that nobody else holds yet. */
export function addToken(answer: AnswerState, event: TokenEvent): void {
  const { text, count, channel, completionTokens, tokensPerSecond, toolCall } = event;
  // The rate counts from the end of the prefill on, so it tells the time, also of events that are replayed.
  if (tokensPerSecond === 0) answer.unratedTokens = completionTokens;
  const rated = completionTokens - answer.unratedTokens;
  const decodeMs = tokensPerSecond === 0 ? answer.decodeMs : (rated * 1000) / tokensPerSecond;
  const tookMs = Math.max(0, decodeMs - answer.decodeMs);
  answer.state = 'decode';
  answer.completionTokens = completionTokens;
  answer.tokensPerSecond = tokensPerSecond || null;
  answer.decodeMs += tookMs;
  switch (channel) {
    case 'content':
      answer.text += text;
      return;
    case 'reasoning':
      answer.reasoning += text;
      answer.reasoningTokens += count;
      answer.reasoningMs += tookMs;
      return;
    case 'tool-call':
      if (toolCall) answer.toolCalls = withPiece(answer.toolCalls, toolCall, text);
      return;
    default:
      channel satisfies never;
  }
}

/** Ends an answer that nobody else holds yet. */
export function endAnswer(answer: AnswerState, event: DoneEvent | ErrorEvent): void {
  answer.stopping = false;
  answer.usage = event.usage;
  if (event.type === 'error') {
    answer.state = 'error';
    answer.error = event;
    return;
  }
  const { finishReason, usage, timings, toolCalls } = event;
  answer.state = 'done';
  answer.finishReason = finishReason;
  answer.timings = timings;
  answer.toolCalls = toolCalls;
  answer.completionTokens = usage.completionTokens;
  answer.tokensPerSecond = timings.decodeTokensPerSecond ?? answer.tokensPerSecond;
}

function withPiece(calls: ToolCall[], { index, id, name }: NonNullable<TokenEvent['toolCall']>, text: string) {
  const next = [...calls];
  next[index] = { id, name, arguments: (calls[index]?.arguments ?? '') + text };
  return next;
}
