import type { Engine } from '@headway/engine';
import type { FastifyInstance } from 'fastify';

/** `/healthz`: the gateway answers. `/readyz`: it also has its models, or 503 and why not. */
export function registerHealthRoutes(app: FastifyInstance, engine: Engine): void {
  app.get('/healthz', async () => ({ status: 'ok' }));
  app.get('/readyz', async (_request, reply) => {
    const waiting = (await engine.models()).filter(({ state }) => state !== 'ready');
    if (waiting.length === 0) return { ready: true };
    const reason = waiting
      .map(({ id, state, error }) => (state === 'failed' ? (error ?? `${id} failed to load`) : `${id} is loading`))
      .join('; ');
    return reply.code(503).send({ ready: false, reason });
  });
}
