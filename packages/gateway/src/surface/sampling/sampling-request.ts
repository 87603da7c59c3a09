import { generateRequest, type GenerateInput } from '@headway/protocol';
import { z } from 'zod';

import { optionalField } from '../optional-field.ts';
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
  /** llama.cpp's older name of `max_tokens`. */
  n_predict: tokenLimit,
  repeat_penalty: repeatPenalty.unwrap().nullish(),
  /** vLLM's name of it. */
  repetition_penalty: repeatPenalty.unwrap().nullish(),
  /** llama.cpp's; 0 turns penalties off. Others are refused where they would change the answer. */
  repeat_last_n: z.int().min(-1).nullish(),
  presence_penalty: presencePenalty.unwrap().nullish(),
  frequency_penalty: frequencyPenalty.unwrap().nullish(),
  logit_bias: logitBiasField.nullish(),
  seed: z.number().refine(Number.isInteger, 'is not a whole number').nullish(),
  stop: stop.unwrap().nullish(),
  ignore_eos: ignoreEos.unwrap().nullish(),
  n: z.int().min(1).max(128).nullish(),
  return_progress: z.boolean().nullish(),
  timings_per_token: z.boolean().nullish(),
  /** Whether what a slot has read of the prompt before is reused. */
  cache_prompt: z.boolean().nullish(),
};

export type SamplingFields = z.output<z.ZodObject<typeof samplingFields>>;

/** The same in the engine's terms. A limit that is not given is the rest of the context. */
export function readSampling(request: SamplingFields): Omit<GenerateInput, 'messages' | 'prompt'> {
  const { max_tokens, n_predict, top_k, n, repeat_last_n } = request;
  const limit = max_tokens ?? n_predict;
  const penalties = {
    ...optionalField('repeatPenalty', request.repeat_penalty ?? request.repetition_penalty),
    ...optionalField('presencePenalty', request.presence_penalty),
    ...optionalField('frequencyPenalty', request.frequency_penalty),
  };
  return {
    ...optionalField('model', request.model),
    ...optionalField('maxTokens', limit === -1 ? null : limit),
    ...optionalField('temperature', request.temperature),
    ...optionalField('topP', request.top_p),
    ...optionalField('topK', top_k === -1 ? 0 : top_k),
    ...optionalField('minP', request.min_p),
    ...(repeat_last_n !== 0 && penalties),
    ...optionalField('logitBias', readLogitBias(request.logit_bias)),
    ...optionalField('seed', foldSeed(request.seed)),
    ...optionalField('stop', request.stop),
    ...optionalField('ignoreEos', request.ignore_eos),
    ...optionalField('choices', n),
    ...optionalField('cachePrompt', request.cache_prompt),
  };
}

/** Two names of one thing, of which either may be sent; both only where they agree. */
const synonyms = [
  ['n_predict', 'max_tokens'],
  ['n_predict', 'max_completion_tokens'],
  ['repetition_penalty', 'repeat_penalty'],
] as const;

/** What of a request contradicts itself, as issues of zod's. */
export function* samplingFaults(
  request: Readonly<Record<string, unknown>>,
): Generator<{ path: string[]; message: string }> {
  for (const [name, other] of synonyms) {
    const [one, two] = [request[name] ?? null, request[other] ?? null];
    if (one === null || two === null || one === two) continue;
    yield { path: [name], message: `is not what ${other} says, its other name; send one of them` };
  }
}

/** Seeds are any whole numbers there and 32 bits here; -1 is llama.cpp's word for a new one each time. */
export function foldSeed(seed: number | null | undefined): number | null {
  if (seed === null || seed === undefined || seed === -1) return null;
  return ((seed % 2 ** 32) + 2 ** 32) % 2 ** 32;
}
