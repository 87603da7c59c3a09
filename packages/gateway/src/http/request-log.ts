import type { FastifyInstance } from 'fastify';

/** One line for each request: no query, no header, no body. */
export function registerRequestLog(app: FastifyInstance): void {
  app.addHook('onResponse', async ({ method, url, log }, reply) => {
    const ms = Math.round(reply.elapsedTime);
    log.info({ method, path: url.split('?', 1)[0], status: reply.statusCode, ms }, 'a request was answered');
  });
}
