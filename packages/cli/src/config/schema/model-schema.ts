import { z } from 'zod';

import { bounded, gpuLayers, kvType, line, threads, ttl } from './fields.ts';
import { upstreamSchema } from './upstream-schema.ts';

/** How local models compute: for all of them, and for one. */
export const computeFields = {
  ctx: bounded('ctx').optional().describe('Context of a slot in tokens (default: the trained size, as memory allows)'),
  parallel: bounded('parallel').optional().describe('Slots: requests that a local model works on at once'),
  ttl: ttl
    .optional()
    .describe('Seconds that a local model may idle before it is unloaded; 0: at once, never: it stays loaded'),
  threads: threads.optional().describe('Threads that compute, or two numbers: "to write,to read" (default: measured)'),
  kvType: kvType.optional().describe('Type of the slots\' memory, or two: "keys,values" (default: f16)'),
  flashAttn: z.enum(['on', 'off', 'auto']).optional().describe('Flash attention (default: where model and device can)'),
  batchSize: bounded('batchSize').optional().describe('Most prompt tokens in one batch (default: 512)'),
  gpuLayers: gpuLayers.optional().describe('Layers on the GPU: a number, max or auto'),
  mlock: z.boolean().optional().describe('Lock the weights in RAM'),
};

/** The id is a name in requests, so it cannot be one that means something else there. */
const name = line.max(256).refine((text) => text !== 'default', {
  error: 'must not be "default", which is the first model; choose another name',
});

const id = name.refine((text) => text !== '*', { error: 'must not be "*", which is any name; give it as an alias' });

/** One model: a local one by `file`, or one that `upstreams` answer for. */
export const modelSchema = z.strictObject({
  id: id.optional().describe('Its name in requests (default for a local model: the name of its file)'),
  aliases: z.array(name).max(1000).optional().describe('Other names of the model; "*" is any name that no model has'),
  file: line.optional().describe('A GGUF file, relative to this file, or an address like hf:user/repo:Q4_K_M'),
  upstreams: z
    .array(upstreamSchema)
    .min(1)
    .max(1000)
    .optional()
    .describe('The servers that answer for this model; several make a pool'),
  chatTemplate: z.string().min(1).optional().describe("A chat template in Jinja in place of the model's own"),
  chatTemplateFile: line.optional().describe('The same, from a file; relative to this file'),
  ...computeFields,
  ctx: bounded('ctx')
    .optional()
    .describe('Context in tokens: of a slot of a local model; of an upstream that does not tell it'),
});
