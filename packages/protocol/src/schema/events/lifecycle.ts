import { z } from 'zod';

/**
 * The phases of a generation: waiting for a slot, waiting for its model to load, reading the prompt, writing the
 * answer, ended. Events of type `prefill` report the first three.
 */
export const lifecycle = z.enum(['queued', 'loading', 'prefill', 'decode', 'ended']);

export type Lifecycle = z.infer<typeof lifecycle>;
