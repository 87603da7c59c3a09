import { isHeadwayError, type GenerationResult } from '@headway/protocol';

import type { SharedGeneration } from '../generations/shared-generation.ts';
import { hasCancelled } from '../http/cancelled-elsewhere.ts';
import { openAiErrorBody } from '../openai/openai-error.ts';
import type { ResponseOutcome } from './kept-responses.ts';
import { replayResponse, type ReplayOptions } from './replay-response.ts';
import { outputOf } from './response-body.ts';

/**
 * What becomes of a response, with the items that its client is told of: a stream has them in the order in which they were
 * written, a body has the thoughts first.
 *
 * @throws HeadwayError `generation-not-found` when more was streamed than the log keeps
 */
export async function responseOutcome(
  generation: SharedGeneration,
  { streamed, ...options }: ReplayOptions & { streamed: boolean },
): Promise<ResponseOutcome> {
  if (!streamed) return outcomeOf(generation.result(), options);
  await generation.over;
  const { status, ...state } = await replayResponse(generation.past(), options);
  return { ...state, status: status === 'in_progress' ? 'failed' : status };
}

async function outcomeOf(
  told: Promise<GenerationResult>,
  { id, names, toolNames }: ReplayOptions,
): Promise<ResponseOutcome> {
  try {
    const result = await told;
    const { finishReason, usage, reasoningTokens, timings } = result;
    if (hasCancelled(result)) {
      return { status: 'cancelled', output: outputOf(id, result, { status: 'incomplete', toolNames }) };
    }
    const status = finishReason === 'length' ? 'incomplete' : 'completed';
    return {
      status,
      output: outputOf(id, result, { status, toolNames }),
      cost: { usage, reasoningTokens, timings },
    };
  } catch (thrown) {
    if (!isHeadwayError(thrown)) throw thrown;
    const { code, message } = openAiErrorBody(thrown, names).error;
    return { status: 'failed', output: [], error: { code, message } };
  }
}
