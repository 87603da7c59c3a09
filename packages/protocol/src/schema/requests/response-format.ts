import { z } from 'zod';

import { jsonSchema } from './json-schema.ts';

/** The largest grammar, in characters. */
const longestGrammar = 65_536;

/** Texts to choose from in all, in characters. */
const longestChoices = 65_536;

const choices = z
  .array(z.string())
  .min(1)
  .max(1024)
  .superRefine((texts, context) => {
    if (texts.reduce((sum, { length }) => sum + length, 0) <= longestChoices) return;
    context.addIssue({ code: 'custom', message: `have more than ${longestChoices} characters together; send fewer` });
  });

/** What the text of an answer must be. */
export const responseFormat = z.discriminatedUnion('type', [
  /** JSON that fits this schema; without one, any object. */
  z.strictObject({
    type: z.literal('json'),
    schema: jsonSchema.optional(),
    /** Whether a schema that cannot be kept to the letter is refused, or kept as far as it can be. */
    strict: z.boolean().default(false),
  }),
  /** What this grammar in llama.cpp's form (GBNF) writes. */
  z.strictObject({ type: z.literal('grammar'), grammar: z.string().min(1).max(longestGrammar) }),
  /** What this regular expression (ECMA-262 with `u`) fits, from its first character to its last. */
  z.strictObject({ type: z.literal('regex'), pattern: z.string().min(1).max(2048) }),
  /** One of these texts. */
  z.strictObject({ type: z.literal('choice'), choices }),
]);

export type ResponseFormat = z.output<typeof responseFormat>;
