import type { Engine } from '@headway/engine';
import type { FastifyInstance } from 'fastify';

import type { GenerationRegistry } from '../generations/generation-registry.ts';

export interface HealthContext {
  engine: Engine;
  generations: Pick<GenerationRegistry, 'takesNew'>;
}

/** `/healthz`: the gateway answers. `/readyz`: it also has its models and takes requests, or 503 and why not. */
export function registerHealthRoutes(app: FastifyInstance, { engine, generations }: HealthContext): void {
  app.get('/healthz', async () => ({ status: 'ok' }));
  app.get('/readyz', async (_request, reply) => {
    if (!generations.takesNew) return reply.code(503).send({ ready: false, reason: 'the gateway is shutting down' });
    const waiting = (await engine.models()).filter(({ state }) => state !== 'ready');
    if (waiting.length === 0) return { ready: true };
    const reason = waiting
      .map(({ id, state, error }) => error ?? (state === 'failed' ? `${id} failed to load` : `${id} is loading`))
      .join('; ');
    return reply.code(503).send({ ready: false, reason });
  });
}
