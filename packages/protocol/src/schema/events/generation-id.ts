import { z } from 'zod';

/** A generation's id: 1 to 64 of `A-Z a-z 0-9 _ -`. Clients may choose it, to cancel or resume the generation by it. */
export const generationId = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'use 1 to 64 letters, digits, "_" or "-"');
