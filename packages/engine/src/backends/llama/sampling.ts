import { randomInt } from 'node:crypto';

import type { GenerateRequest } from '@headway/protocol';
import { choiceSeed } from '../../choice-seed.ts';
import { TokenBias, type LlamaModel, type Token } from 'node-llama-cpp';

/** Tokens that a repeat penalty looks back on. */
export const penaltyWindow = 64;

/** A request's sampling options in node-llama-cpp's terms. A seed that was left out is drawn: its own is the second of the day. */
export function samplingOptions(request: GenerateRequest, choice: number, noEndBias: () => TokenBias) {
  const { temperature, topK, topP, minP } = request;
  const seed = choiceSeed(request.seed, choice) ?? randomInt(2 ** 32);
  return {
    temperature,
    topK,
    topP,
    minP,
    seed,
    ...(request.ignoreEos && { tokenBias: noEndBias() }),
  };
}

/**
 * A bias that rules the model's end tokens out, as llama.cpp's `ignore_eos` does. `TokenBias.set` leaves end tokens
 * out without a word, hence the cast to its inside; the test "ignoreEos" fails when that changes.
 */
export function createNoEndBias(model: LlamaModel): TokenBias {
  const bias = TokenBias.for(model);
  const { _biases: biases } = bias as unknown as { _biases: Map<Token, number> };
  for (const token of model.iterateAllTokens())
    if (model.isEogToken(token)) biases.set(token, Number.NEGATIVE_INFINITY);
  return bias;
}
