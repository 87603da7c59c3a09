import { z } from 'zod';

import { jsonSchema } from '../json-schema.ts';
import { maxBodyBytes } from '../../max-body-bytes.ts';
import { toolName } from '../tool-name.ts';

/** A tool that the model may call. */
export const tool = z.strictObject({
  name: toolName,
  description: z.string().max(maxBodyBytes).optional(),
  /** JSON schema of the arguments, which are an object. @default any object */
  parameters: jsonSchema.optional(),
  /** Whether a schema that the grammar cannot enforce in full is refused; if not, it is enforced as far as possible. */
  strict: z.boolean().default(false),
});

export type Tool = z.output<typeof tool>;
