import type { FastifyInstance } from 'fastify';

/** The routes that `GET /v1` lists. */
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

/** `GET /v1`, for people who check whether an address is right. */
export function registerRootRoute(app: FastifyInstance, version: string): void {
  for (const path of ['/v1', '/v1/']) app.get(path, async () => ({ name: 'headway', version, routes }));
}

/** `HEAD /` of a gateway without a page: some clients send it to check whether the server is up. */
export function registerBareRoot(app: FastifyInstance): void {
  app.head('/', async (_request, reply) => reply.code(200).send());
}
