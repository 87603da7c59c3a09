import { randomInt } from 'node:crypto';

import type { GenerateRequest } from '@headway/protocol';
import { TokenBias, type LlamaModel, type Token } from 'node-llama-cpp';

import { choiceSeed } from '../../../backend/choice-seed.ts';
import { leastTemperature } from '../../../backend/choose-token.ts';

/** Tokens that penalties look back on, the prompt's included; llama.cpp's own default. */
const penaltyWindow = 64;

/** What less counts as: llama.cpp reckons in 32 bits, and what it divides by less is no number any more. */
const leastRepeatPenalty = 1e-4;

/**
 * What is added to the logit of a token that must not be drawn. No draw is left of it by any penalty and temperature, but
 * it is a number: where a format lets nothing else pass, one of these is drawn, as whichever is least forbidden.
 */
const never = -1e9;

/** What a bias this low or lower means. */
const leastBias = -100;

export interface SamplingModel {
  model: LlamaModel;
  /** Made when first needed: it takes a walk over the vocabulary. */
  noEndBias: () => TokenBias;
}

/** A request's sampling options in node-llama-cpp's terms. A seed that was left out is drawn: its own is the second of the day. */
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

/** Its penalties on the last tokens of a story, which is asked for before each token; nothing where there are none. */
export function penaltyOptions(request: GenerateRequest, story: () => Token[]) {
  if (!penalizes(request)) return null;
  const { repeatPenalty, presencePenalty, frequencyPenalty } = request;
  const penalty = Math.max(repeatPenalty, leastRepeatPenalty);
  const punishTokens = () => story().slice(-penaltyWindow);
  return { repeatPenalty: { punishTokens, penalty, presencePenalty, frequencyPenalty } };
}

/** Whether what was written before changes how likely a token is, beside what the model makes of it. */
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

/** A bias that rules the model's end tokens out, as llama.cpp's `ignore_eos` does. */
export function createNoEndBias(model: LlamaModel): TokenBias {
  const bias = TokenBias.for(model);
  const biases = inside(bias);
  for (const token of model.iterateAllTokens()) if (model.isEogToken(token)) biases.set(token, never);
  return bias;
}

/**
 * The logits that a bias adds. `TokenBias.set` takes shares of probability, and leaves end tokens out without a word; the
 * tests of `ignoreEos` and `logitBias` fail when its inside changes.
 */
function inside(bias: TokenBias): Map<Token, number> {
  return (bias as unknown as { _biases: Map<Token, number> })._biases;
}
