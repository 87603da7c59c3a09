import { z } from 'zod';

import type { Issue } from '../errors/issue.ts';

const path = z.array(z.union([z.string(), z.int().min(0)]));

/** See `Issue`. */
export const issue = z.object({
  path,
  message: z.string(),
  expected: z.string().optional(),
  mentions: z.array(z.object({ at: z.int().min(0), path })).optional(),
}) satisfies z.ZodType<Issue>;
