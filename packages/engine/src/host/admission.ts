import { contextOverflow, fieldError, leastRoom, type GenerateRequest } from '@headway/protocol';

import type { LoadedModel, PrepareOptions, Prompt } from '../backend/backend.ts';
import { argumentsSchema, checkGrammars } from '../grammar/check-grammars.ts';
import type { SchemaCheck } from '../grammar/schema-check.ts';

/** A rendered and tokenised request. */
export interface Admitted {
  prompt: Prompt;
  schemaCheck: SchemaCheck;
}

/**
 * Renders and tokenises a request for a model.
 *
 * @throws HeadwayError `context-overflow` when the prompt leaves no room for an answer; `invalid-request`, naming the
 * field, for what the engine cannot do; the signal's reason when it aborts
 */
export async function admit(
  model: LoadedModel,
  request: GenerateRequest,
  { owner, exact, signal }: PrepareOptions,
): Promise<Admitted> {
  const slots = model.slots.length;
  if (request.choices > slots) {
    throw fieldError({
      path: ['choices'],
      message:
        `${request.choices} choices need ${request.choices} slots, but this model has ${slots}; ` +
        `ask for at most ${slots}, or serve the model with a larger --parallel`,
      expected: `at most ${slots}`,
    });
  }
  const schemaCheck = await checkGrammars(request, signal);
  const prompt = await model.prepare(request, { owner, exact, signal });
  for (const { tool: name, leftOut } of prompt.leftOut ?? []) {
    const tool = request.tools?.find((one) => one.name === name);
    if (tool) schemaCheck.addTool(name, argumentsSchema(tool), { leftOut });
  }
  signal.throwIfAborted();
  const { contextSize } = model;
  if (prompt.total === 0) {
    throw fieldError({ path: ['prompt'], message: 'is empty; send at least one character' });
  }
  const certain = contextSize !== null && !prompt.guessed;
  if (certain && prompt.total + leastRoom > contextSize) throw contextOverflow(prompt.total, contextSize);
  return { prompt, schemaCheck };
}

/** How many tokens a request may write after its prompt, and how many of them fit into the context. */
export function completionLimits(
  { total, request }: Prompt,
  { contextSize }: LoadedModel,
): { maxTokens: number; room: number } {
  const room = contextSize === null ? Number.POSITIVE_INFINITY : Math.max(1, contextSize - total);
  const { maxTokens = room, onContextFull } = request;
  return { maxTokens: onContextFull === 'shift' ? maxTokens : Math.min(maxTokens, room), room };
}
