import { z } from 'zod';

/**
 * Where a generation stands: in line, waiting for its model to load, its prompt being read, its answer being written, or
 * over. Events of type `prefill` tell the first three.
 */
export const lifecycle = z.enum(['queued', 'loading', 'prefill', 'decode', 'ended']);

export type Lifecycle = z.infer<typeof lifecycle>;
