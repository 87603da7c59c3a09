import { generateRequest, type GenerateInput, type Issue } from '@headway/protocol';
import { z } from 'zod';

import { optionalField } from '../optional-field.ts';
import { samplingRows, type SamplingApi } from './sampling-table.ts';

type Fields = Readonly<Record<string, unknown>>;

/** What requests of every API have beside the table's fields. */
export const commonFields = {
  model: generateRequest.shape.model.unwrap().nullish(),
  /** llama.cpp's field: 0 turns penalties off. Other values are refused if they would change the answer. */
  repeat_last_n: z.int().min(-1).nullish(),
  return_progress: z.boolean().nullish(),
};

/** What OpenAI's chat and completions have beside those. */
export const chunkFields = {
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_usage: z.boolean().nullish() }).nullish(),
  timings_per_token: z.boolean().nullish(),
};

/** The model and the sampling of a request in the engine's terms. A limit that is not given is the rest of the context. */
export function readSampling(
  request: Fields & { model?: string | null | undefined },
  api: SamplingApi,
): Omit<GenerateInput, 'messages' | 'prompt'> {
  const rows = samplingRows.filter(([, { isPenalty = false }]) => !isPenalty || request.repeat_last_n !== 0);
  const fields = rows.map(([engine, { [api]: shape = {}, read = (value: unknown) => value }]) => {
    const name = Object.keys(shape).find((one) => isGiven(request[one]));
    return optionalField(engine, name === undefined ? null : read(request[name] as never));
  });
  return Object.assign({ ...optionalField('model', request.model) }, ...fields) as GenerateInput;
}

/** Where a request contradicts itself: of two names of one thing either may be sent, both only where they agree. */
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
    if (!isGiven(one) || !isGiven(two) || one === two) continue;
    yield { path: [alias], message: `is not what ${name} says, its other name; send one of them` };
  }
}

/** Whether a request's penalties are none: over how many tokens then says nothing. */
export function penalizesNothing(request: Fields): boolean {
  return samplingRows.every(([engine, { isPenalty = false, chat = {} }]) => {
    if (!isPenalty) return true;
    const none = generateRequest.shape[engine].parse(undefined);
    return Object.keys(chat).every((name) => !isGiven(request[name]) || request[name] === none);
  });
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}
