import type { ModelInfo } from '@headway/client';

import type { Asked } from '../conversation/new-replies.ts';
import { mostOfSet } from '../storage/records.ts';

/** The most answers to one message, side by side. */
export const mostAnswers = mostOfSet;

/** The most answers that each of the models can write at once: one a slot, and no more than 8 of all models. */
export function mostChoices(models: readonly Pick<ModelInfo, 'slots'>[]): number {
  const fewestSlots = Math.min(mostAnswers, ...models.map(({ slots }) => slots));
  return Math.max(1, Math.min(fewestSlots, Math.floor(mostAnswers / Math.max(1, models.length))));
}

/** What to ask, given what the gateway serves now. */
export function askable(asked: Asked, served: readonly ModelInfo[], model: string | null): Asked {
  const compared = served.filter(({ id }) => asked.models.includes(id));
  const used =
    compared.length > 0 ? compared : served.filter(({ id }, at) => (model === null ? at === 0 : id === model));
  return {
    models: compared.length > 0 ? compared.map(({ id }) => id) : [model],
    choices: Math.min(asked.choices, mostChoices(used)),
  };
}

/** `one`, `4 answers`, `2 models`, `2 models, 3 answers each` */
export function askedText({ models, choices }: Asked): string {
  if (models.length > 1) return `${models.length} models${choices > 1 ? `, ${choices} answers each` : ''}`;
  return choices > 1 ? `${choices} answers` : 'one';
}
