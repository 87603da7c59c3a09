import { randomInt } from 'node:crypto';

import type { GenerateRequest } from '@headway/protocol';
import { TokenBias, type LlamaModel, type Token } from 'node-llama-cpp';

import { choiceSeed } from '../../../backend/choice-seed.ts';
import { leastTemperature } from '../../../backend/choose-token.ts';

/** Tokens that penalties look back on, the prompt's included; llama.cpp's default. */
const penaltyWindow = 64;

/** A smaller penalty counts as this one: llama.cpp divides by it in 32 bits, where less gives no number. */
const leastRepeatPenalty = 1e-4;

/**
 * Added to the logit of a token that must not be drawn. No penalty or temperature makes such a token likely; but the
 * value is finite, so that a format that allows only such tokens still gets one: the least unlikely.
 */
const never = -1e9;

/** A bias of this value or less rules a token out. */
const leastBias = -100;

export interface SamplingModel {
  model: LlamaModel;
  /** Called on first use, as it iterates over the vocabulary. */
  noEndBias: () => TokenBias;
}

/**
 * A request's sampling options in node-llama-cpp's terms. A request without a seed gets a random one, as
 * node-llama-cpp's own is the current second.
 */
export function samplingOptions(request: GenerateRequest, choice: number, of: SamplingModel) {
  const { temperature, topK, topP, minP } = request;
  const seed = choiceSeed(request.seed, choice) ?? randomInt(2 ** 32);
  const tokenBias = biasOf(request, of);
  return {
    temperature: temperature < leastTemperature ? 0 : temperature,
    topK,
    topP,
    minP,
    seed,
    ...(tokenBias && { tokenBias }),
  };
}

/** The request's penalties on the last tokens; null where it has none. `tokens` is called before each token. */
export function penaltyOptions(request: GenerateRequest, tokens: () => Token[]) {
  if (!penalizes(request)) return null;
  const { repeatPenalty, presencePenalty, frequencyPenalty } = request;
  const penalty = Math.max(repeatPenalty, leastRepeatPenalty);
  const punishTokens = () => tokens().slice(-penaltyWindow);
  return { repeatPenalty: { punishTokens, penalty, presencePenalty, frequencyPenalty } };
}

/** Whether earlier tokens change a token's probability by more than the model itself. */
export function penalizes({ repeatPenalty, presencePenalty, frequencyPenalty }: GenerateRequest): boolean {
  return repeatPenalty !== 1 || presencePenalty !== 0 || frequencyPenalty !== 0;
}

function biasOf({ logitBias = {}, ignoreEos }: GenerateRequest, { model, noEndBias }: SamplingModel): TokenBias | null {
  const asked = Object.entries(logitBias);
  if (asked.length === 0) return ignoreEos ? noEndBias() : null;
  const bias = TokenBias.for(model);
  const biases = inside(bias);
  for (const [id, value] of asked) biases.set(Number(id) as Token, value <= leastBias ? never : value);
  if (ignoreEos) for (const [token, value] of inside(noEndBias())) biases.set(token, value);
  return bias;
}

/** A bias that rules out the model's end tokens, like llama.cpp's `ignore_eos`. */
export function createNoEndBias(model: LlamaModel): TokenBias {
  const bias = TokenBias.for(model);
  const biases = inside(bias);
  for (const token of model.iterateAllTokens()) if (model.isEogToken(token)) biases.set(token, never);
  return bias;
}

/**
 * The logits that a bias adds. The public `TokenBias.set` takes shares of probability and silently ignores end tokens.
 * The tests of `ignoreEos` and `logitBias` fail when this private field changes.
 */
function inside(bias: TokenBias): Map<Token, number> {
  return (bias as unknown as { _biases: Map<Token, number> })._biases;
}
