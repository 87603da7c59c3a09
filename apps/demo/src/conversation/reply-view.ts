import { idleGeneration, type AnswerState, type GenerationState } from '@headway/client/react';

/**
 * The state of one choice of a generation, as if it were a generation of its own. The prefill, its spans and the samples
 * belong to all choices.
 */
export function replyView(generation: GenerationState, index: number): GenerationState {
  if (index === 0 && generation.answers.length < 2) return generation;
  const answer = generation.answers[index];
  if (!answer) return generation;
  const { text, reasoning, reasoningTokens, reasoningMs, toolCalls } = answer;
  const { completionTokens, tokensPerSecond, finishReason, usage, timings, error } = answer;
  return {
    ...generation,
    text,
    reasoning,
    reasoningTokens,
    reasoningMs,
    toolCalls,
    completionTokens,
    tokensPerSecond,
    finishReason,
    usage,
    timings,
    error,
    state: stateOf(answer, generation.state),
    stopping: answer.stopping || generation.stopping,
    answers: [answer],
    summary: null,
  };
}

/**
 * The state of a choice of a reply that is still waited for. A generation that ended for this tab alone, such as one that the
 * gateway does not know yet, is about to be asked for again.
 */
export function openReplyView(generation: GenerationState, index: number): GenerationState {
  const view = replyView(generation, index);
  const { id, state, error } = generation;
  return state === 'error' && error?.code === 'generation-not-found'
    ? { ...idleGeneration, id, state: 'connecting' }
    : view;
}

/** A choice that waits for its first token, after others have theirs, counts as writing: its prompt is read. */
function stateOf(answer: AnswerState, generation: GenerationState['state']): GenerationState['state'] {
  switch (answer.state) {
    case 'done':
    case 'error':
      return answer.state;
    case 'decode':
      return 'decode';
    case 'waiting':
      return generation === 'done' || generation === 'error' ? 'error' : generation;
    default:
      return answer.state satisfies never;
  }
}
