import { jsonSchema, type GenerateInput } from '@headway/protocol';
import { z } from 'zod';

/** `text.format`. A schema is kept to the letter with `strict` and without: the answer is written by a grammar. */
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

export function readTextFormat(format: TextFormat | null | undefined): GenerateInput['responseFormat'] | null {
  switch (format?.type) {
    case undefined:
    case 'text':
      return null;
    case 'json_object':
      return { type: 'json', schema: { type: 'object' } };
    case 'json_schema':
      return { type: 'json', schema: format.schema };
    default:
      return format satisfies never;
  }
}
