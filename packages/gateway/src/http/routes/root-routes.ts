import type { FastifyInstance } from 'fastify';

/** What `GET /v1` says is there. */
const routes = [
  'POST /v1/chat/completions',
  'POST /v1/completions',
  'POST /v1/responses',
  'POST /v1/messages',
  'POST /v1/messages/count_tokens',
  'POST /v1/generations',
  'GET /v1/generations',
  'GET /v1/models',
];

/** `GET /v1`, for people who look whether it is the right address. */
export function registerRootRoute(app: FastifyInstance, version: string): void {
  for (const path of ['/v1', '/v1/']) app.get(path, async () => ({ name: 'headway', version, routes }));
}

/** `HEAD /` without a page: some clients ask it to see whether anybody is there. */
export function registerBareRoot(app: FastifyInstance): void {
  app.head('/', async (_request, reply) => reply.code(200).send());
}
