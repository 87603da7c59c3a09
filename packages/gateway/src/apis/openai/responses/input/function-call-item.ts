import { tool } from '@headway/protocol';
import { z } from 'zod';

import { anyContent } from './input-content.ts';

export const callId = z.string().min(1).max(256);

export const functionCall = z.object({
  type: z.literal('function_call'),
  call_id: callId,
  name: tool.shape.name,
  namespace: z.string().nullish(),
  arguments: z.string(),
});

export const functionCallOutput = z.object({
  type: z.literal('function_call_output'),
  call_id: callId,
  output: anyContent.nullish(),
});

export type FunctionCall = z.output<typeof functionCall>;
export type FunctionCallOutput = z.output<typeof functionCallOutput>;
