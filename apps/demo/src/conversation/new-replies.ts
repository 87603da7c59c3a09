import { createGenerationId } from '@headway/protocol';

import type { Question, Reply } from '../storage/records.ts';

/** Whom to ask, and for how many answers. */
export interface Asked {
  /** Models to ask, each once; null is the gateway's default. */
  models: readonly (string | null)[];
  /** Answers of each model. */
  choices: number;
  /** Whether JSON of a schema is asked for. @default false */
  json?: boolean;
}

/** The replies to wait for: one for each choice of each model. The choices of a model share one generation. */
export function newReplies(question: Question, { models, choices, json = false }: Asked, created: number): Reply[] {
  const several = models.length * choices > 1;
  const set = several ? createGenerationId() : null;
  return models.flatMap((model) => {
    const generation = createGenerationId();
    return Array.from({ length: choices }, (_, index): Reply => ({
      kind: 'reply',
      id: createGenerationId(),
      conversation: question.conversation,
      parent: question.id,
      created,
      generation,
      index,
      model,
      set,
      ...(json && { json }),
      result: null,
    }));
  });
}
