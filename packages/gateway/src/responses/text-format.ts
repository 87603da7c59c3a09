import { jsonSchema, type GenerateInput } from '@headway/protocol';
import { z } from 'zod';

import { given } from '../openai/given.ts';

/** `text.format`. The answer is written by a grammar; with `strict` a schema that it cannot keep to the letter is refused. */
export const textFormat = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text') }),
  z.object({ type: z.literal('json_object') }),
  z.object({
    type: z.literal('json_schema'),
    name: z.string().nullish(),
    description: z.string().nullish(),
    schema: jsonSchema,
    strict: z.boolean().nullish(),
  }),
]);

export type TextFormat = z.output<typeof textFormat>;

/** Any object is what the engine takes a format without a schema for. */
export function readTextFormat(format: TextFormat | null | undefined): GenerateInput['responseFormat'] | null {
  if (!format || format.type === 'text') return null;
  if (format.type === 'json_object') return { type: 'json' };
  return { type: 'json', schema: format.schema, ...given('strict', format.strict) };
}
