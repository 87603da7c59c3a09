import { z } from 'zod';

import { jsonFault } from './json-fault.ts';

/** A JSON schema: any JSON object, not too deep. What it says is the backend's to understand. */
export const jsonSchema = z.record(z.string(), z.unknown()).superRefine((schema, context) => {
  const message = jsonFault(schema);
  if (message) context.addIssue({ code: 'custom', message });
});
