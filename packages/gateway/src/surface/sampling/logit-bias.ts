import type { LogitBias } from '@headway/protocol';
import { z } from 'zod';

/** In llama.cpp's API false excludes a token. */
const bias = z.union([z.literal(false), z.number().min(-100).max(100)]);

const token = z.int({ error: 'must be a token id, not a string; POST /tokenize returns ids' }).min(0);

/** OpenAI's object from token ids to biases, or llama.cpp's array of pairs. */
export const logitBiasField = z.union([z.record(z.string(), bias), z.array(z.tuple([token, bias]))]);

const never = -100;

/** Converts biases to the engine's format. Several biases of one token add up, as in llama.cpp. */
export function readLogitBias(field: z.output<typeof logitBiasField> | null | undefined): LogitBias | null {
  if (!field) return null;
  const pairs = Array.isArray(field) ? field : Object.entries(field);
  const biases = new Map<string, number>();
  for (const [id, value] of pairs) {
    const before = biases.get(String(id)) ?? 0;
    biases.set(String(id), value === false || before === never ? never : before + value);
  }
  return Object.fromEntries(biases);
}
