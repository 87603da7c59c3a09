import type { Engine } from '@headway/engine';
import { HeadwayError, type ModelInfo } from '@headway/protocol';
import type { FastifyInstance } from 'fastify';

import { anthropicModel, anthropicModelList } from '../anthropic/model-list.ts';
import { openAiModel, openAiModelList } from '../openai/model-list.ts';
import { speaksAnthropic } from './spoken-api.ts';

/** `GET /v1/models` and `GET /v1/models/{id}`, which OpenAI's and Anthropic's clients ask for under the same paths. */
export function registerModelRoutes(app: FastifyInstance, engine: Engine): void {
  const created = Math.floor(Date.now() / 1000);
  app.get('/v1/models', async (request) => {
    const models = await engine.models();
    return speaksAnthropic(request) ? anthropicModelList(models, created) : openAiModelList(models, created);
  });
  app.get<{ Params: { id: string } }>('/v1/models/:id', async (request) => {
    const model = find(await engine.models(), request.params.id);
    return speaksAnthropic(request) ? anthropicModel(model, created) : openAiModel(model, created);
  });
}

function find(models: readonly ModelInfo[], id: string): ModelInfo {
  const model = id === 'default' ? models[0] : models.find((one) => one.id === id);
  if (model) return model;
  const ids = models.map((one) => one.id).join(', ');
  throw new HeadwayError('model-not-found', `model: there is no ${JSON.stringify(id)}; choose one of: ${ids}`);
}
