import { generateRequest, type GenerateInput, type Issue } from '@headway/protocol';
import { z } from 'zod';

import { optionalField } from '../optional-field.ts';
import { samplingRows, type SamplingApi } from './sampling-table.ts';

type Fields = Readonly<Record<string, unknown>>;

/** The fields that requests of every API have besides the table's. */
export const commonFields = {
  model: generateRequest.shape.model.unwrap().nullish(),
  /** llama.cpp's field: 0 turns penalties off. `refuseUnsupported` refuses values that would change the answer. */
  repeat_last_n: z.int().min(-1).nullish(),
  return_progress: z.boolean().nullish(),
  /** Headway's extension: progress then names the part of the prompt that is being read. */
  spans: generateRequest.shape.spans.unwrap().nullish(),
};

/** The further fields of OpenAI's chat and completions. */
export const chunkFields = {
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_usage: z.boolean().nullish() }).nullish(),
  timings_per_token: z.boolean().nullish(),
};

/** Converts a request's model and sampling to the engine's fields. An absent limit means the rest of the context. */
export function readSampling(
  request: Fields & { model?: string | null | undefined },
  api: SamplingApi,
): Omit<GenerateInput, 'messages' | 'prompt'> {
  const rows = samplingRows.filter(([, { isPenalty = false }]) => !isPenalty || request.repeat_last_n !== 0);
  const fields = rows.map(([engine, { [api]: shape = {}, read = (value: unknown) => value }]) => {
    const name = Object.keys(shape).find((one) => isPresent(request[one]));
    return optionalField(engine, name === undefined ? null : read(request[name] as never));
  });
  return Object.assign({ ...optionalField('model', request.model) }, ...fields) as GenerateInput;
}

/** Finds fields whose alias has another value: a request may send both names only with equal values. */
export function* samplingFaults(
  request: Fields,
  api: SamplingApi,
  others: readonly (readonly [alias: string, name: string])[] = [],
): Generator<Issue> {
  const aliases = samplingRows.flatMap(([, { [api]: shape = {} }]) => {
    const [name = '', ...rest] = Object.keys(shape);
    return rest.map((alias) => [alias, name] as const);
  });
  for (const [alias, name] of [...aliases, ...others]) {
    const [one, two] = [request[alias], request[name]];
    if (!isPresent(one) || !isPresent(two) || one === two) continue;
    yield { path: [alias], message: `differs from ${name}, its other name; send one of them` };
  }
}

/** Whether all penalties of a request are off, so that the number of tokens they look back on has no effect. */
export function penalizesNothing(request: Fields): boolean {
  return samplingRows.every(([engine, { isPenalty = false, chat = {} }]) => {
    if (!isPenalty) return true;
    const none = generateRequest.shape[engine].parse(undefined);
    return Object.keys(chat).every((name) => !isPresent(request[name]) || request[name] === none);
  });
}

function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null;
}
