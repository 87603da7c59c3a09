import type { Engine } from '@headway/engine';
import { modelNotFound, type ModelInfo } from '@headway/protocol';
import type { FastifyInstance } from 'fastify';

import { anthropicModel, anthropicModelList } from '../../apis/anthropic/model-list.ts';
import { openAiModel, openAiModelList } from '../../apis/openai/model-list.ts';
import { anyName, resolveAlias, type AliasOptions, type ModelAliases } from './model-aliases.ts';
import { isAnthropicRequest } from '../../apis/anthropic/is-anthropic-request.ts';

/** `GET /v1/models` and `GET /v1/models/{id}`, whose paths OpenAI's and Anthropic's clients share. */
export function registerModelRoutes(
  app: FastifyInstance,
  { engine, aliases }: { engine: Engine } & Pick<AliasOptions, 'aliases'>,
): void {
  const created = Math.floor(Date.now() / 1000);
  app.get('/v1/models', async (request) => {
    const models = withAliasNames(await engine.models(), aliases);
    return isAnthropicRequest(request) ? anthropicModelList(models, created) : openAiModelList(models, created);
  });
  app.get<{ Params: { id: string } }>('/v1/models/:id', async (request) => {
    const model = find(await engine.models(), request.params.id, aliases);
    return isAnthropicRequest(request) ? anthropicModel(model, created) : openAiModel(model, created);
  });
}

/** The models, then each alias with the facts of its model. */
function withAliasNames(models: readonly ModelInfo[], aliases: ModelAliases): ModelInfo[] {
  const known = new Set(models.map(({ id }) => id));
  const others = Object.entries(aliases).filter(([name]) => name !== anyName && !known.has(name));
  return [
    ...models,
    ...others.flatMap(([id, name]) => {
      const model = named(models, name);
      return model ? [{ ...model, id }] : [];
    }),
  ];
}

function named(models: readonly ModelInfo[], name: string): ModelInfo | undefined {
  return name === 'default' ? models[0] : models.find(({ id }) => id === name);
}

function find(models: readonly ModelInfo[], id: string, aliases: ModelAliases): ModelInfo {
  const ids = new Set(models.map((one) => one.id));
  const model = named(models, resolveAlias(id, { aliases, ids }));
  // A model found by an alias keeps the alias as its id.
  if (model) return id === 'default' ? model : { ...model, id };
  throw modelNotFound(id, [...ids]);
}
