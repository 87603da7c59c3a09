import { generateRequest, type GenerateInput } from '@headway/protocol';
import { z } from 'zod';

import { logitBiasField, readLogitBias } from './logit-bias.ts';

/** The APIs whose requests have sampling fields. */
export type SamplingApi = 'chat' | 'completions' | 'responses' | 'messages';

/** An API's names for one field, each with its schema. Errors use the first; the others are aliases. */
type Shape = Readonly<Record<string, z.ZodType>>;

export interface SamplingRow extends Partial<Record<SamplingApi, Shape>> {
  /** Its names in `/props` of llama.cpp's server. @default none */
  llama?: readonly string[];
  /** The value that llama.cpp's server shows where the engine has no default. */
  unset?: unknown;
  /** Whether `repeat_last_n: 0` turns it off. Its default means no penalty. */
  isPenalty?: boolean;
  /** Converts the client's value to the engine's; null stands for the default. @default the value itself */
  read?: (value: never) => unknown;
}

const { maxTokens, temperature, topP, topK, minP, ignoreEos, stop, cachePrompt } = generateRequest.shape;
const { repeatPenalty, presencePenalty, frequencyPenalty } = generateRequest.shape;

/** A limit of tokens without an upper bound: it clamps to the engine's own. */
const mostTokens = z
  .int()
  .min(1)
  .transform((limit) => Math.min(limit, maxTokens.unwrap().maxValue ?? limit));

/** For llama.cpp and LM Studio -1 means no limit. */
export const tokenLimit = z.union([z.literal(-1), mostTokens]).nullish();

const inOpenAi = <Fields extends Shape>(fields: Fields) => ({ chat: fields, completions: fields });
const everywhere = <Fields extends Shape>(fields: Fields) => ({
  ...inOpenAi(fields),
  responses: fields,
  messages: fields,
});

const penalty = repeatPenalty.unwrap().nullish();

/**
 * The parameters that choose tokens and end a text: by the engine's name, each API's names and schemas. A new parameter
 * needs a schema in the protocol, a row here and an implementation in the backends. null means absent.
 */
export const samplingTable = {
  maxTokens: {
    ...inOpenAi({ max_tokens: tokenLimit, n_predict: tokenLimit }),
    responses: { max_output_tokens: tokenLimit },
    messages: { max_tokens: mostTokens },
    llama: ['n_predict', 'max_tokens'],
    unset: -1,
    read: (limit: number) => (limit === -1 ? null : limit),
  },
  // OpenAI's bound.
  temperature: { ...everywhere({ temperature: temperature.unwrap().max(2).nullish() }), llama: ['temperature'] },
  topP: { ...everywhere({ top_p: topP.unwrap().nullish() }), llama: ['top_p'] },
  topK: {
    ...everywhere({ top_k: z.union([z.literal(-1), topK.unwrap()]).nullish() }),
    messages: { top_k: topK.unwrap().nullish() },
    llama: ['top_k'],
    read: (count: number) => (count === -1 ? 0 : count),
  },
  minP: { ...everywhere({ min_p: minP.unwrap().nullish() }), llama: ['min_p'] },
  repeatPenalty: {
    // `repetition_penalty` is vLLM's name.
    ...everywhere({ repeat_penalty: penalty, repetition_penalty: penalty }),
    llama: ['repeat_penalty'],
    isPenalty: true,
  },
  presencePenalty: {
    ...everywhere({ presence_penalty: presencePenalty.unwrap().nullish() }),
    llama: ['presence_penalty'],
    isPenalty: true,
  },
  frequencyPenalty: {
    ...everywhere({ frequency_penalty: frequencyPenalty.unwrap().nullish() }),
    llama: ['frequency_penalty'],
    isPenalty: true,
  },
  logitBias: { ...everywhere({ logit_bias: logitBiasField.nullish() }), read: readLogitBias },
  seed: {
    ...everywhere({ seed: z.number().refine(Number.isInteger, 'is not a whole number').nullish() }),
    llama: ['seed'],
    unset: -1,
    read: foldSeed,
  },
  stop: {
    ...inOpenAi({ stop: stop.unwrap().nullish() }),
    messages: { stop_sequences: z.array(z.string()).nullish() },
    llama: ['stop'],
  },
  ignoreEos: { ...everywhere({ ignore_eos: ignoreEos.unwrap().nullish() }), llama: ['ignore_eos'] },
  choices: inOpenAi({ n: z.int().min(1).max(128).nullish() }),
  // Whether to reuse the prompt's cached tokens.
  cachePrompt: everywhere({ cache_prompt: cachePrompt.unwrap().nullish() }),
} satisfies Partial<Record<keyof GenerateInput, SamplingRow>>;

type Table = typeof samplingTable;
type ShapesOf<Api extends SamplingApi> = {
  [Name in keyof Table]: Table[Name] extends Record<Api, infer Fields> ? Fields : never;
}[keyof Table];
type Merged<Shapes> = {
  [Name in Shapes extends unknown ? keyof Shapes : never]: Extract<Shapes, Record<Name, unknown>>[Name];
};

/** Each row with its name in the engine. */
export const samplingRows = Object.entries(samplingTable) as [keyof Table, SamplingRow][];

/** The table's fields of one API, as the shape of a zod object. */
export function samplingFields<Api extends SamplingApi>(api: Api): Merged<ShapesOf<Api>> {
  return Object.assign({}, ...samplingRows.map(([, row]) => row[api])) as Merged<ShapesOf<Api>>;
}

/** An API's names for the engine's fields. */
export function samplingNames(api: SamplingApi): Record<string, string> {
  return Object.fromEntries(
    samplingRows.flatMap(([engine, row]) => {
      const [name] = Object.keys(row[api] ?? {});
      return name === undefined ? [] : [[engine, name]];
    }),
  );
}

/** The sampling defaults, by llama.cpp's names. */
export function llamaDefaults(): Record<string, unknown> {
  return Object.fromEntries(
    samplingRows.flatMap(([engine, { llama = [], unset }]) =>
      llama.map((name) => [name, generateRequest.shape[engine].parse(undefined) ?? unset]),
    ),
  );
}

/** Folds a seed, any whole number in these APIs, to the engine's 32 bits. In llama.cpp -1 asks for a new seed each time. */
export function foldSeed(seed: number | null | undefined): number | null {
  if (seed === null || seed === undefined || seed === -1) return null;
  return ((seed % 2 ** 32) + 2 ** 32) % 2 ** 32;
}
