import { z } from 'zod';

import { jsonSchema } from './json-schema.ts';

/** The most characters of a grammar. */
const longestGrammar = 65_536;

/** The most characters of all choices together. */
const longestChoices = 65_536;

const choices = z
  .array(z.string())
  .min(1)
  .max(1024)
  .superRefine((texts, context) => {
    if (texts.reduce((sum, { length }) => sum + length, 0) <= longestChoices) return;
    context.addIssue({ code: 'custom', message: `have more than ${longestChoices} characters together; send fewer` });
  });

/** The format that the text of an answer must have. */
export const responseFormat = z.discriminatedUnion('type', [
  /** JSON that fits this schema; without one, any object. */
  z.strictObject({
    type: z.literal('json'),
    schema: jsonSchema.optional(),
    /**
     * Whether a schema that the grammar cannot enforce in full is refused; if not, it is enforced as far as possible.
     */
    strict: z.boolean().default(false),
  }),
  /** A text of this grammar, in llama.cpp's notation (GBNF). */
  z.strictObject({ type: z.literal('grammar'), grammar: z.string().min(1).max(longestGrammar) }),
  /** A text that this regular expression (ECMA-262 with `u`) matches from its first character to its last. */
  z.strictObject({ type: z.literal('regex'), pattern: z.string().min(1).max(2048) }),
  /** One of these texts. */
  z.strictObject({ type: z.literal('choice'), choices }),
]);

export type ResponseFormat = z.output<typeof responseFormat>;
