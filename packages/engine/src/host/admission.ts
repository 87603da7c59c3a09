import { contextOverflow, fieldError, leastRoom, type GenerateRequest } from '@headway/protocol';

import type { LoadedModel, PrepareOptions, Prompt } from '../backend/backend.ts';
import { argumentsSchema, checkGrammars } from '../grammar/check-grammars.ts';
import type { KeptSchemas } from '../grammar/kept-schemas.ts';

/** A request that was taken. */
export interface Admitted {
  prompt: Prompt;
  schemas: KeptSchemas;
}

/**
 * Renders and tokenises a request for a model.
 *
 * @throws HeadwayError `context-overflow` when the prompt leaves no room for an answer, `invalid-request` for what the
 * engine cannot do, naming the field; the signal's reason when it aborts
 */
export async function admit(
  model: LoadedModel,
  request: GenerateRequest,
  { owner, signal }: PrepareOptions,
): Promise<Admitted> {
  const slots = model.slots.length;
  if (request.choices > slots) {
    throw fieldError({
      path: ['choices'],
      message:
        `${request.choices} answers need as many slots, and this model has ${slots}; ask for at most ${slots}, ` +
        'or serve it with a larger --parallel',
      expected: `at most ${slots}`,
    });
  }
  const schemas = await checkGrammars(request, signal);
  const prompt = await model.prepare(request, { owner, signal });
  for (const { tool: name, leftOut } of prompt.leftOut ?? []) {
    const tool = request.tools?.find((one) => one.name === name);
    if (tool) schemas.ofTool(name, argumentsSchema(tool), { leftOut });
  }
  signal.throwIfAborted();
  const { contextSize } = model;
  if (prompt.total === 0) {
    throw fieldError({ path: ['prompt'], message: 'is empty; send at least one character' });
  }
  if (prompt.total + leastRoom > contextSize) throw contextOverflow(prompt.total, contextSize);
  return { prompt, schemas };
}

/** How many tokens a request may write behind its prompt, and how many of them the context has room for. */
export function completionLimits(
  { total, request }: Prompt,
  { contextSize }: LoadedModel,
): { maxTokens: number; room: number } {
  const room = contextSize - total;
  const { maxTokens = room, onContextFull } = request;
  return { maxTokens: onContextFull === 'shift' ? maxTokens : Math.min(maxTokens, room), room };
}
