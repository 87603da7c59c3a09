import { generateRequest, maxBodyBytes, tool } from '@headway/protocol';
import { z } from 'zod';

import type { Settings } from './settings.ts';

const { shape } = generateRequest;
const { name, description, parameters } = tool.shape;

/** Bounds and words of each setting are those of the request's field. */
export const settingsSchema = z
  .strictObject({
    system: z.string().max(maxBodyBytes).optional(),
    thinking: z.boolean().optional(),
    temperature: shape.temperature.unwrap().optional(),
    topP: shape.topP.unwrap().optional(),
    topK: shape.topK.unwrap().optional(),
    minP: shape.minP.unwrap().optional(),
    seed: shape.seed,
    maxTokens: shape.maxTokens,
    stop: z.array(z.string().min(1).max(256)).max(64).optional(),
    repeatPenalty: shape.repeatPenalty.unwrap().optional(),
    presencePenalty: shape.presencePenalty.unwrap().optional(),
    frequencyPenalty: shape.frequencyPenalty.unwrap().optional(),
    answerSchema: parameters,
    tools: z.array(z.strictObject({ name, description, parameters })).min(1).max(128).optional(),
  })
  .superRefine(({ stop = [], answerSchema, tools = [] }, context) => {
    if (answerSchema && stop.length > 0) {
      const message = 'could cut the JSON answer short; remove them, or the schema of the answer';
      context.addIssue({ code: 'custom', path: ['stop'], message });
    }
    for (const [at, { name }] of tools.entries()) {
      if (tools.findIndex((one) => one.name === name) === at) continue;
      const message = `${name} appears twice; give each tool its own name`;
      context.addIssue({ code: 'custom', path: ['tools', at, 'name'], message });
    }
  }) satisfies z.ZodType<Settings>;
