import type { GenerationState } from '@headway/client/react';

/** The state of one choice of a generation, as if it were a generation of its own. The prefill belongs to all of them. */
export function replyView(generation: GenerationState, index: number): GenerationState {
  if (index === 0) return generation;
  return generation;
}
