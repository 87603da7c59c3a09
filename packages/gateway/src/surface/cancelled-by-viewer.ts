import type { DoneEvent, GenerationEvent, GenerationResult } from '@headway/protocol';

/**
 * What a client is told that still waits for an answer which somebody else cancelled: for it that is a failure, since it
 * did not ask for it. The status is the one that others use where a request was given up.
 */
export const cancelledByViewer = {
  code: 'cancelled',
  status: 499,
  message: 'another viewer cancelled the generation; send the request again to run it anew',
} as const;

/** True for the end of a choice that was cancelled. */
export function endsCancelled(event: GenerationEvent): event is DoneEvent & { finishReason: 'cancelled' } {
  return event.type === 'done' && event.finishReason === 'cancelled';
}

export function hasCancelled({ choices }: GenerationResult): boolean {
  return choices.some(({ finishReason }) => finishReason === 'cancelled');
}
