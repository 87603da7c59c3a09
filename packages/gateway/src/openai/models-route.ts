import type { Engine } from '@headway/engine';
import type { FastifyInstance } from 'fastify';

/** `GET /v1/models`, in OpenAI's list. */
export function registerModelsRoute(app: FastifyInstance, engine: Engine): void {
  const created = Math.floor(Date.now() / 1000);
  app.get('/v1/models', async () => {
    const models = await engine.models();
    return { object: 'list', data: models.map(({ id }) => ({ id, object: 'model', created, owned_by: 'headway' })) };
  });
}
