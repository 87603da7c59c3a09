import type { Engine } from '@headway/engine';
import type { FastifyInstance } from 'fastify';

import type { GenerationRegistry } from '../../generations/generation-registry.ts';
import { unreadyModels } from '../../surface/unready-models.ts';

export interface HealthContext {
  engine: Engine;
  generations: Pick<GenerationRegistry, 'takesNew'>;
}

/**
 * `/healthz` answers 200 while the gateway runs. `/readyz` answers 200 when the models are loaded, or can be on demand, and
 * the gateway accepts requests, else 503 with the reason. `/health` is the same in llama.cpp's format.
 */
export function registerHealthRoutes(app: FastifyInstance, { engine, generations }: HealthContext): void {
  app.get('/healthz', async () => ({ status: 'ok' }));
  app.get('/readyz', async (_request, reply) => {
    const reason = await unready();
    return reason === null ? { ready: true } : reply.code(503).send({ ready: false, reason });
  });
  for (const path of ['/health', '/v1/health']) {
    app.get(path, async (_request, reply) => {
      const message = await unready();
      if (message === null) return { status: 'ok' };
      return reply.code(503).send({ error: { code: 503, message, type: 'unavailable_error' } });
    });
  }

  /** Why the gateway is not ready; null when it is. */
  async function unready(): Promise<string | null> {
    if (!generations.takesNew) return 'the gateway is shutting down';
    const waiting = unreadyModels(await engine.models());
    if (waiting.length === 0) return null;
    return waiting
      .map(({ id, state, error }) => error ?? (state === 'failed' ? `${id} failed to load` : `${id} is loading`))
      .join('; ');
  }
}
