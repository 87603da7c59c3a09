import type { LogitBias } from '@headway/protocol';
import { z } from 'zod';

/** False is llama.cpp's word for never. */
const bias = z.union([z.literal(false), z.number().min(-100).max(100)]);

const token = z.int({ error: 'must be the id of a token; texts are not read, /tokenize tells their ids' }).min(0);

/** OpenAI's object, token ids to numbers, or llama.cpp's array of pairs. */
export const logitBiasField = z.union([z.record(z.string(), bias), z.array(z.tuple([token, bias]))]);

const never = -100;

/** The same in the engine's terms. What is said of one token twice adds up, as it does in llama.cpp. */
export function readLogitBias(given: z.output<typeof logitBiasField> | null | undefined): LogitBias | null {
  if (!given) return null;
  const pairs = Array.isArray(given) ? given : Object.entries(given);
  const biases = new Map<string, number>();
  for (const [id, value] of pairs) {
    const before = biases.get(String(id)) ?? 0;
    biases.set(String(id), value === false || before === never ? never : before + value);
  }
  return Object.fromEntries(biases);
}
