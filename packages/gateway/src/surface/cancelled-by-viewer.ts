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

/**
 * Tells the end of a generation that was cancelled as a whole. A choice that was cancelled by itself ends like one that was
 * cut, and the others go on. One instance a stream.
 */
export class CancelledWhole {
  #anyWritten = false;

  /** True for the last event when every choice ended as cancelled. */
  endsWith(event: GenerationEvent): boolean {
    if (event.type !== 'done') return false;
    if (!endsCancelled(event)) this.#anyWritten = true;
    return event.remaining === 0 && !this.#anyWritten;
  }
}

/** Whether every choice was cancelled. */
export function isCancelled({ choices }: GenerationResult): boolean {
  return choices.every(({ finishReason }) => finishReason === 'cancelled');
}
