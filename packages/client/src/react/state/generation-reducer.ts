import { hasEnded, waitingAnswer } from './answer-state.ts';
import { afterEvents } from './after-events.ts';
import { idleGeneration, isRunning, type GenerationAction, type GenerationState } from './generation-state.ts';

/** Returns the state after an event, after several, or after a call of the component. */
export function generationReducer(state: GenerationState, action: GenerationAction): GenerationState {
  switch (action.type) {
    case 'start': {
      const answers = Array.from({ length: action.choices ?? 1 }, (_, index) => waitingAnswer(index));
      return { ...idleGeneration, state: 'connecting', id: action.id, answers };
    }
    case 'stop':
      return isRunning(state) ? { ...state, stopping: true } : state;
    case 'stop-failed':
      return { ...state, stopping: false };
    case 'stop-answer':
      return withStopping(state, action.index, true);
    case 'stop-answer-failed':
      return withStopping(state, action.index, false);
    case 'stalled':
      return {
        ...state,
        stalledMs: action.stalledMs,
        prefill: state.prefill && { ...state.prefill, etaMs: null },
      };
    case 'connection': {
      const reconnecting = action.reconnecting && isRunning(state);
      return reconnecting === state.reconnecting ? state : { ...state, reconnecting };
    }
    case 'reset':
      return idleGeneration;
    case 'events':
      return afterEvents(state, action.events);
    case 'prefill':
    case 'span':
    case 'token':
    case 'done':
    case 'error':
    case 'summary':
      return afterEvents(state, [action]);
    default:
      action satisfies never;
      return state;
  }
}

function withStopping(state: GenerationState, index: number, stopping: boolean): GenerationState {
  const answer = state.answers[index];
  if (!answer || hasEnded(answer) || answer.stopping === stopping) return state;
  return { ...state, answers: state.answers.with(index, { ...answer, stopping }) };
}
