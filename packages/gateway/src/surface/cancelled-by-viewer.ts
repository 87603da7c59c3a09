import type { DoneEvent, GenerationEvent, GenerationResult } from '@headway/protocol';

/**
 * The error for a client whose generation another viewer cancelled: the client did not cancel it, so it is a failure.
 * 499 is the status that other servers log for a request that its client closed.
 */
export const cancelledByViewer = {
  code: 'cancelled',
  status: 499,
  message: 'another viewer cancelled the generation; send the request again to start a new one',
} as const;

/** True for the end of a cancelled choice. */
export function endsCancelled(event: GenerationEvent): event is DoneEvent & { finishReason: 'cancelled' } {
  return event.type === 'done' && event.finishReason === 'cancelled';
}

export function hasCancelled({ choices }: GenerationResult): boolean {
  return choices.some(({ finishReason }) => finishReason === 'cancelled');
}
