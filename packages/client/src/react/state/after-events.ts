import { endsStream, withSpan, type GenerationEvent, type PrefillEvent, type SummaryEvent } from '@headway/protocol';

import { addToken, endAnswer, hasEnded, waitingAnswer, type AnswerState } from './answer-state.ts';
import type { GenerationState } from './generation-state.ts';
import { addSample, type RateSample } from './rate-samples.ts';

/**
 * Returns the state after events. It copies the lists, and each answer that the events touch, once for all of them: a frame
 * of a thousand tokens costs little more than a frame of one.
 */
export function afterEvents(
  state: GenerationState,
  events: readonly (GenerationEvent | SummaryEvent)[],
): GenerationState {
  if (events.length === 0) return state;
  const draft = new Draft(state);
  for (const event of events) draft.add(event);
  return draft.finish();
}

/** A copy of a state that changes until it is finished. */
class Draft {
  readonly #state: GenerationState;
  /** The answers that are copies already. */
  readonly #own = new Set<number>();

  constructor(state: GenerationState) {
    this.#state = { ...state, answers: [...state.answers], samples: [...state.samples] };
  }

  add(event: GenerationEvent | SummaryEvent): void {
    const state = this.#state;
    if (event.type === 'summary') {
      state.summary = event;
      return;
    }
    state.heartbeat++;
    state.stalledMs = null;
    switch (event.type) {
      case 'prefill':
        state.state = event.phase;
        state.prefill = event;
        this.#sample(event.elapsedMs, readSoFar(event));
        return;
      case 'span':
        state.spans = withSpan(state.spans, event);
        return;
      case 'token': {
        const answer = this.#answer(event.index);
        addToken(answer, event);
        state.state = 'decode';
        this.#sample((state.prefill?.elapsedMs ?? 0) + answer.decodeMs, { phase: 'decode', waiting: false });
        return;
      }
      case 'done': {
        endAnswer(this.#answer(event.index), event);
        const { queuedMs, prefillMs, decodeMs } = event.timings;
        this.#sample(queuedMs + prefillMs + decodeMs, {});
        this.#end(event.remaining);
        return;
      }
      case 'error':
        endAnswer(this.#answer(event.index), event);
        state.error ??= event;
        // A refusal is one event for all choices.
        if (endsStream(event)) for (const { index } of this.#open()) endAnswer(this.#answer(index), event);
        this.#end(event.remaining);
        return;
      default:
        event satisfies never;
    }
  }

  finish(): GenerationState {
    const state = this.#state;
    const first = state.answers[0];
    if (!first) return state;
    const { text, reasoning, reasoningTokens, reasoningMs, completionTokens, tokensPerSecond, toolCalls } = first;
    const { finishReason, timings } = first;
    const usage = first.usage ?? state.error?.usage ?? null;
    const written = { text, reasoning, reasoningTokens, reasoningMs, completionTokens, tokensPerSecond, toolCalls };
    return Object.assign(state, written, { finishReason, usage, timings });
  }

  #answer(index: number): AnswerState {
    const { answers } = this.#state;
    this.#atLeast(index + 1);
    const answer = answers[index] as AnswerState;
    if (this.#own.has(index)) return answer;
    this.#own.add(index);
    return (answers[index] = { ...answer });
  }

  #open(): AnswerState[] {
    return this.#state.answers.filter((answer) => !hasEnded(answer));
  }

  #atLeast(count: number): void {
    const { answers } = this.#state;
    for (let index = answers.length; index < count; index++) answers.push(waitingAnswer(index));
  }

  /** The choices that are open tell how many there are. */
  #end(remaining: number): void {
    const state = this.#state;
    if (remaining > 0) return this.#atLeast(state.answers.filter(hasEnded).length + remaining);
    state.state = state.error ? 'error' : 'done';
    state.stopping = false;
    state.reconnecting = false;
  }

  #sample(elapsedMs: number, progress: Partial<Pick<RateSample, 'phase' | 'waiting' | 'processed'>>): void {
    const { samples, answers } = this.#state;
    const last = samples.at(-1);
    const completionTokens = answers.reduce((sum, answer) => sum + answer.completionTokens, 0);
    const before = { phase: last?.phase ?? 'queued', waiting: last?.waiting ?? false, processed: last?.processed ?? 0 };
    addSample(samples, { ...before, ...progress, elapsedMs, completionTokens });
  }
}

/** While queued, `processed` is a forecast, and the model's loading knows no tokens. */
function readSoFar({ phase, processed, waiting }: PrefillEvent) {
  return { phase, waiting: waiting !== undefined, ...(phase === 'prefill' && { processed: processed ?? 0 }) };
}
