import { z } from 'zod';

import { jsonFault } from './json-fault.ts';

/** A JSON schema: any JSON object of at most 64 levels. The backend checks its keywords. */
export const jsonSchema = z.record(z.string(), z.unknown()).superRefine((schema, context) => {
  const message = jsonFault(schema);
  if (message) context.addIssue({ code: 'custom', message });
});
