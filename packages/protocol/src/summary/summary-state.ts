import { endsStream } from '../generation/terminal-event.ts';
import { stallMs } from '../progress/stall.ts';
import type { GenerationEvent, PrefillEvent } from '../schema/events/event.ts';
import type { AnswerSummary, SummaryEvent } from './summary-event.ts';

interface Answer extends AnswerSummary {
  /** When its last token came. */
  tokenAt: number;
}

/** What summaries are made from. Times are in ms since any fixed moment. */
export interface SummaryState {
  readonly answers: readonly Answer[];
  readonly maxTokens: number | null;
  /** The phase of answers without a token. */
  readonly phase: PrefillEvent['phase'];
  /** Whether there is something to tell. */
  readonly changed: boolean;
  /** When the last summary was made; null before the first. */
  readonly toldAt: number | null;
}

export interface SummarisedRequest {
  /** Choices that the request asks for; the events add others. @default 1 */
  choices?: number | undefined;
  /** The request's limit for each choice. @default none */
  maxTokens?: number | undefined;
}

export function firstSummaryState({ choices = 1, maxTokens }: SummarisedRequest): SummaryState {
  const state = { answers: [], maxTokens: maxTokens ?? null, phase: 'queued', changed: false, toldAt: null } as const;
  return { ...state, answers: atLeast(state, choices) };
}

/** The state after one more event, which came at `now`. */
export function nextSummaryState(state: SummaryState, event: GenerationEvent, now: number): SummaryState {
  const next = apply(state, event, now);
  const changed = state.changed || state.toldAt === null || next.answers !== state.answers;
  return changed === next.changed ? next : { ...next, changed };
}

/** Makes a summary; also returns the state after it. */
export function tellSummary(state: SummaryState, now: number): [summary: SummaryEvent, state: SummaryState] {
  const answers = state.answers.map((answer) =>
    ratedUntil(answer) <= now ? { ...answer, tokensPerSecond: null } : answer,
  );
  const rates = answers.flatMap(({ state, tokensPerSecond }) => (state === 'decode' ? (tokensPerSecond ?? []) : []));
  const tokensPerSecond = rates.length === 0 ? null : rates.reduce((sum, rate) => sum + rate);
  const summary: SummaryEvent = {
    type: 'summary',
    answers: answers.map(({ tokenAt: _tokenAt, ...answer }) => answer),
    tokensPerSecond,
  };
  return [summary, { ...state, answers, changed: false, toldAt: now }];
}

/** Time in ms until a summary is due; 0 when one is due now, null when no one is without another event. */
export function msToNextSummary(
  { answers, changed, toldAt }: SummaryState,
  now: number,
  everyMs: number,
): number | null {
  if (toldAt === null) return changed ? 0 : null;
  const changesAt = changed ? now : Math.min(...answers.map(ratedUntil));
  return changesAt === Number.POSITIVE_INFINITY ? null : Math.max(0, changesAt - now, toldAt + everyMs - now);
}

/** When the rate of an answer no longer holds, unless another token comes. */
function ratedUntil({ state, tokensPerSecond, tokenAt }: Answer): number {
  if (state !== 'decode' || tokensPerSecond === null) return Number.POSITIVE_INFINITY;
  return tokenAt + Math.max(stallMs, 2000 / tokensPerSecond);
}

function apply(state: SummaryState, event: GenerationEvent, now: number): SummaryState {
  switch (event.type) {
    case 'prefill': {
      const { phase } = event;
      if (phase === state.phase) return state;
      const moved = (answer: Answer): Answer => (answer.state === state.phase ? { ...answer, state: phase } : answer);
      return { ...state, phase, answers: state.answers.map(moved) };
    }
    case 'span':
      return state;
    case 'token': {
      const { index, completionTokens, tokensPerSecond } = event;
      return changeAnswer(state, index, {
        state: 'decode',
        completionTokens,
        tokensPerSecond: tokensPerSecond || null,
        tokenAt: now,
      });
    }
    case 'done': {
      const { index, finishReason, usage, timings, remaining } = event;
      const rate = timings.decodeTokensPerSecond;
      return withOpen(
        changeAnswer(state, index, {
          state: 'done',
          outcome: finishReason,
          completionTokens: usage.completionTokens,
          ...(rate !== null && { tokensPerSecond: rate }),
        }),
        remaining,
      );
    }
    case 'error': {
      const { index, code, usage, remaining } = event;
      const end = { state: 'error', outcome: code } as const;
      const failed = changeAnswer(state, index, { ...end, completionTokens: usage.completionTokens });
      if (!endsStream(event)) return withOpen(failed, remaining);
      // A refusal is one event for all choices.
      const answers = failed.answers.map((answer) => (hasEnded(answer) ? answer : { ...answer, ...end }));
      return { ...failed, answers };
    }
    default:
      return event satisfies never;
  }
}

function changeAnswer(state: SummaryState, index: number, fields: Partial<Answer>): SummaryState {
  const answers = atLeast(state, index + 1);
  return { ...state, answers: answers.with(index, { ...(answers[index] as Answer), ...fields }) };
}

/** Adds answers until as many are open as the gateway says. */
function withOpen(state: SummaryState, remaining: number): SummaryState {
  const ended = state.answers.filter(hasEnded).length;
  return { ...state, answers: atLeast(state, ended + remaining) };
}

const hasEnded = ({ state }: Answer): boolean => state === 'done' || state === 'error';

function atLeast({ answers, maxTokens, phase }: SummaryState, count: number): readonly Answer[] {
  if (answers.length >= count) return answers;
  const added = Array.from({ length: count - answers.length }, (_, at) => ({
    index: answers.length + at,
    state: phase,
    outcome: null,
    completionTokens: 0,
    maxTokens,
    tokensPerSecond: null,
    tokenAt: 0,
  }));
  return [...answers, ...added];
}
