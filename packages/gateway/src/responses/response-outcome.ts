import { isHeadwayError, type GenerationResult } from '@headway/protocol';

import type { SharedGeneration } from '../generations/shared-generation.ts';
import { hasCancelled } from '../http/cancelled-elsewhere.ts';
import { openAiErrorBody } from '../openai/openai-error.ts';
import type { ResponseOutcome } from './kept-responses.ts';
import { replayResponse, type ReplayOptions } from './replay-response.ts';
import { outputOf } from './response-body.ts';

/**
 * What becomes of a response, with the items that its client is told of: those of a stream, of a generation, in the order
 * in which they were written, or those of a body, of a result, thoughts first.
 *
 * @throws HeadwayError `generation-not-found` when more was streamed than the log keeps
 */
export async function responseOutcome(
  written: SharedGeneration | Promise<GenerationResult>,
  options: ReplayOptions,
): Promise<ResponseOutcome> {
  if (written instanceof Promise) return outcomeOf(written, options);
  await written.over;
  const { status, ...state } = await replayResponse(written.past(), options);
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
