import type { GenerationState } from '@headway/client/react';

/** Why an ended answer has neither text nor calls. A call that was cut is none: the gateway reports whole ones only. */
export function noAnswerWords({
  finishReason,
  completionTokens,
  reasoning,
}: Pick<GenerationState, 'finishReason' | 'completionTokens' | 'reasoning'>): string {
  if (finishReason === 'cancelled') {
    return completionTokens > 0 ? 'Stopped before the answer.' : 'Stopped before the first word.';
  }
  if (finishReason !== 'length') return 'The model wrote nothing.';
  return reasoning === ''
    ? 'The length limit cut the call of a tool. Allow a longer answer in the settings.'
    : 'The length limit cut the thoughts. Allow a longer answer in the settings.';
}
