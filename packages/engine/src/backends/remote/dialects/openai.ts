import type { Dialect } from './dialect.ts';
import { listedModels } from '../http/probe.ts';

/** Any server with OpenAI's API and nothing else. */
export const openai: Dialect = {
  name: 'openai',
  reportsProgress: false,
  severalAnswers: false,
  rawPrompts: true,
  endsEarly: 'raw',
  fields: {},
  quirks: {},
  // Some servers answer every path with 200 and an error.
  recognizes: ({ models }) => models.status === 200 && models.json !== null && !('error' in models.json),
  describe: (probe, model) => ({
    models: modelIds(listedModels(probe), model),
    contextSize: null,
    slots: null,
  }),
  additions: () => ({}),
};

/** The ids of listed models. */
export function modelIds(models: readonly Record<string, unknown>[], model?: string): string[] {
  const ids = models.map(({ id }) => id).filter((id) => typeof id === 'string');
  return model === undefined || ids.includes(model) ? ids : [...ids, model];
}
