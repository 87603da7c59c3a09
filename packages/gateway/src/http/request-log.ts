import type { FastifyInstance } from 'fastify';

/** Logs one line for each request, without its query, headers and body. */
export function registerRequestLog(app: FastifyInstance): void {
  app.addHook('onResponse', async ({ method, url, log }, reply) => {
    const ms = Math.round(reply.elapsedTime);
    log.info({ method, path: url.split('?', 1)[0], status: reply.statusCode, ms }, 'the gateway answered a request');
  });
}
