import { z } from 'zod';

import { jsonSchema } from './json-schema.ts';
import { maxBodyBytes } from '../max-body-bytes.ts';
import { toolName } from './tool-name.ts';

/** What a model may call. */
export const tool = z.strictObject({
  name: toolName,
  description: z.string().max(maxBodyBytes).optional(),
  /** JSON schema of the arguments, which are one object. @default any object */
  parameters: jsonSchema.optional(),
  /** Whether a schema that cannot be kept to the letter is refused, or kept as far as it can be. */
  strict: z.boolean().default(false),
});

export type Tool = z.output<typeof tool>;
