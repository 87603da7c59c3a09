import { generateRequest, type GenerateInput } from '@headway/protocol';
import { z } from 'zod';

import { given } from './given.ts';
import { logitBiasField, readLogitBias } from './logit-bias.ts';

const { maxTokens, temperature, topP, topK, minP, ignoreEos, stop } = generateRequest.shape;
const { repeatPenalty, presencePenalty, frequencyPenalty } = generateRequest.shape;

/** As high as a client likes: more than there is room for is as much as there is room for. */
export const mostTokens = z
  .int()
  .min(1)
  .transform((limit) => Math.min(limit, maxTokens.unwrap().maxValue ?? limit));

/** -1 is how llama.cpp and LM Studio say "no limit". */
export const tokenLimit = z.union([z.literal(-1), mostTokens]).nullish();

/** What OpenAI's chat and completions have in common, llama.cpp's extensions included; null is the same as left out. */
export const samplingFields = {
  model: generateRequest.shape.model.unwrap().nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_usage: z.boolean().nullish() }).nullish(),
  max_tokens: tokenLimit,
  /** OpenAI's bound. */
  temperature: temperature.unwrap().max(2).nullish(),
  top_p: topP.unwrap().nullish(),
  top_k: z.union([z.literal(-1), topK.unwrap()]).nullish(),
  min_p: minP.unwrap().nullish(),
  repeat_penalty: repeatPenalty.unwrap().nullish(),
  presence_penalty: presencePenalty.unwrap().nullish(),
  frequency_penalty: frequencyPenalty.unwrap().nullish(),
  logit_bias: logitBiasField.nullish(),
  seed: z.number().refine(Number.isInteger, 'is not a whole number').nullish(),
  stop: stop.unwrap().nullish(),
  ignore_eos: ignoreEos.unwrap().nullish(),
  n: z.int().min(1).max(128).nullish(),
  return_progress: z.boolean().nullish(),
  timings_per_token: z.boolean().nullish(),
  // Understood, and always so: the prompt is cached whenever it can be.
  cache_prompt: z.boolean().nullish(),
};

export type SamplingFields = z.output<z.ZodObject<typeof samplingFields>>;

/** The same in the engine's terms. A limit that is not given is the rest of the context. */
export function readSampling(request: SamplingFields): Omit<GenerateInput, 'messages' | 'prompt'> {
  const { max_tokens, top_k, n } = request;
  return {
    ...given('model', request.model),
    ...given('maxTokens', max_tokens === -1 ? null : max_tokens),
    ...given('temperature', request.temperature),
    ...given('topP', request.top_p),
    ...given('topK', top_k === -1 ? 0 : top_k),
    ...given('minP', request.min_p),
    ...given('repeatPenalty', request.repeat_penalty),
    ...given('presencePenalty', request.presence_penalty),
    ...given('frequencyPenalty', request.frequency_penalty),
    ...given('logitBias', readLogitBias(request.logit_bias)),
    ...given('seed', foldSeed(request.seed)),
    ...given('stop', request.stop),
    ...given('ignoreEos', request.ignore_eos),
    ...given('choices', n),
  };
}

/** Seeds are any whole numbers there and 32 bits here; -1 is llama.cpp's word for a new one each time. */
export function foldSeed(seed: number | null | undefined): number | null {
  if (seed === null || seed === undefined || seed === -1) return null;
  return ((seed % 2 ** 32) + 2 ** 32) % 2 ** 32;
}
