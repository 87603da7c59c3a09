import { isHeadwayError } from '@headway/protocol';

import type { SharedGeneration } from '../../../../generations/shared-generation.ts';
import { isCancelled } from '../../../../surface/cancelled-by-viewer.ts';
import { wholeAnswer } from '../../../../surface/whole-answer.ts';
import { openAiErrorBody } from '../../openai-error.ts';
import type { ResponseOutcome } from './kept-responses.ts';
import { replayResponse, type ReplayOptions } from '../output/replay-response.ts';
import { outputOf } from '../output/response-body.ts';

export interface ResponseOutcomeOptions extends ReplayOptions {
  /** Whether the request asked for a stream. */
  streamed: boolean;
}

/**
 * Waits for the end of a response and returns its outcome with the same items that its client got: of a stream in the
 * order of writing, of a body with the reasoning first.
 *
 * @throws HeadwayError `generation-not-found` when the answer is longer than the event log keeps
 */
export async function responseOutcome(
  generation: SharedGeneration,
  { streamed, ...options }: ResponseOutcomeOptions,
): Promise<ResponseOutcome> {
  await generation.over;
  if (!streamed) return bodyOutcome(generation, options);
  const { status, ...state } = await replayResponse(generation.past(), options);
  return { ...state, status: status === 'in_progress' ? 'failed' : status };
}

async function bodyOutcome(
  generation: SharedGeneration,
  { id, names, toolNames }: ReplayOptions,
): Promise<ResponseOutcome> {
  try {
    const result = await wholeAnswer(generation.id, generation.past());
    if (!result) return { status: 'failed', output: [] };
    const { finishReason, usage, reasoningTokens, timings } = result;
    if (isCancelled(result)) {
      return { status: 'cancelled', output: outputOf(id, result, { status: 'incomplete', toolNames }) };
    }
    const status = finishReason === 'length' ? 'incomplete' : 'completed';
    return {
      status,
      output: outputOf(id, result, { status, toolNames }),
      cost: { usage, reasoningTokens, timings },
    };
  } catch (thrown) {
    if (!isHeadwayError(thrown) || thrown.code === 'generation-not-found') throw thrown;
    const { code, message } = openAiErrorBody(thrown, names).error;
    return { status: 'failed', output: [], error: { code, message } };
  }
}
