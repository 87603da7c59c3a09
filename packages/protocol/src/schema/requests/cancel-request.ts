import { z } from 'zod';

import { generationId } from '../events/generation-id.ts';

/** Cancels a generation, or one of its choices. */
export const cancelRequest = z.strictObject({
  id: generationId,
  /** The choice to cancel, counted from 0; the others go on. @default all: the generation */
  index: z.int().nonnegative().optional(),
});

export type CancelRequest = z.infer<typeof cancelRequest>;
