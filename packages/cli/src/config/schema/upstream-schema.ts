import { z } from 'zod';

import { isVariableName } from '../../upstream/upstream-key.ts';
import type { UpstreamSettings } from '../../upstream/upstream-settings.ts';
import { upstreamTypes } from '../../upstream/upstream-types.ts';
import { upstreamUrlFault } from '../../upstream/upstream-url.ts';
import { bounded, line } from './fields.ts';

const url = z
  .string()
  .max(2048)
  .superRefine((text, context) => {
    const message = upstreamUrlFault(text);
    if (message !== null) context.addIssue({ code: 'custom', message });
  })
  .meta({ format: 'uri' });

const keyEnv = z
  .string()
  .superRefine((text, context) => {
    if (isVariableName(text)) return;
    const message = 'must be the name of an environment variable, like GPU1_KEY; the key itself does not belong here';
    context.addIssue({ code: 'custom', message });
  })
  .meta({ pattern: '^[A-Za-z_][A-Za-z0-9_]*$' });

/** One server that answers for a model. */
export const upstreamSchema = z.strictObject({
  url: url.describe("Address of the upstream's OpenAI API, such as http://gpu1:8000/v1; without user, key or query"),
  model: line
    .optional()
    .describe("The model's id at the upstream (default: the only one that it lists, or the id here)"),
  type: z.enum(upstreamTypes).optional().describe('What kind of server it is (default: detected)'),
  keyEnv: keyEnv.optional().describe('Name of the environment variable that holds the key for it'),
  keyFile: line.optional().describe('File whose first line is the key for it; relative to this file'),
  concurrency: bounded('concurrency').optional().describe('Requests that it gets at once; others wait here'),
}) satisfies z.ZodType<UpstreamSettings>;
