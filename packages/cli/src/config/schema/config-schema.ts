import { limitNames, mostOfALimit } from '@headway/gateway/limits';
import { z } from 'zod';

import { engineChoices, logLevels } from '../../options/serve-bounds.ts';
import { bounded, bytes, line } from './fields.ts';
import { computeFields, modelSchema } from './model-schema.ts';

const limitFault = `must be a whole number from 1 to ${mostOfALimit}`;
const limit = z.int(limitFault).min(1, limitFault).max(mostOfALimit, limitFault).optional();

/**
 * A config file of `headway serve`. Its fields are the command's flags in camel case, with the same bounds; the defaults
 * stand with the flags.
 */
export const configSchema = z
  .strictObject({
    $schema: z.string().optional().describe('For editors: the output of headway config schema'),
    port: bounded('port').optional().describe('Port to listen on; 0 takes any free one (default: 4477)'),
    host: line.optional().describe('Address to listen on (default: 127.0.0.1)'),
    memory: bytes.optional().describe('Limit for the local models together, like 8GB; they are then loaded on demand'),
    ...computeFields,
    maxQueue: bounded('maxQueue').optional().describe('Requests that may wait for one model (default: 64)'),
    queueTimeout: bounded('queueTimeout').optional().describe('Longest wait in the queue, in seconds (default: 600)'),
    itlBudget: bounded('itlBudget')
      .optional()
      .describe('Longest pause between two tokens while the model reads other prompts, in ms (default: 100)'),
    grace: bounded('grace')
      .optional()
      .describe('Seconds that a generation goes on after its client lost the connection (default: 30)'),
    drain: bounded('drain')
      .optional()
      .describe('Seconds that running answers have to end after a signal (default: 30)'),
    generationTime: bounded('generationTime').optional().describe('Longest generation, in seconds (default: 7200)'),
    generationTokens: bounded('generationTokens')
      .optional()
      .describe('Most tokens of a generation, all its choices together (default: 262144)'),
    engine: z.enum(engineChoices).optional().describe('In a process of its own, or in the gateway’s'),
    prebuilt: z.boolean().optional().describe("Use llama.cpp's prebuilt binary even where headway build made one"),
    apiKeyFile: line
      .optional()
      .describe('Accept the keys in this file, which headway keys makes; relative to this file'),
    noAuth: z.boolean().optional().describe('Accept every client that reaches the port without a key'),
    allowOrigin: z.array(line).max(1000).optional().describe('Origins whose pages may use the gateway'),
    allowHost: z.array(line).max(1000).optional().describe('Other host names of the gateway'),
    limit: z
      .strictObject(Object.fromEntries(limitNames.map((name) => [name, limit])))
      .optional()
      .describe('Limits for each key or address'),
    logLevel: z.enum(logLevels).optional().describe('The lowest level to log (default: warn)'),
    models: z
      .array(modelSchema)
      .min(1)
      .max(1000)
      .optional()
      .describe('The models; the first is the default (default: the embedded one)'),
  })
  .meta({ title: 'Headway config file', description: 'What headway serve serves' });

/** A config file after the checks of the schema: sizes in bytes, types parsed, nothing else filled in. */
export type ParsedConfig = z.output<typeof configSchema>;
export type ParsedModel = z.output<typeof modelSchema>;

/** A config file as people write it. */
export type ConfigFile = z.input<typeof configSchema>;
