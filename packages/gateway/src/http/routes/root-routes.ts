import type { FastifyInstance } from 'fastify';

import type { KnownRoutes } from '../known-routes.ts';

/** `GET /v1`, for people who check whether an address is right: the routes below it. */
export function registerRootRoute(
  app: FastifyInstance,
  { version, routes }: { version: string; routes: KnownRoutes },
): void {
  for (const path of ['/v1', '/v1/']) {
    app.get(path, async () => ({ name: 'headway', version, routes: routes.below('/v1') }));
  }
}

/** `HEAD /` of a gateway without a page: some clients send it to check whether the server is up. */
export function registerBareRoot(app: FastifyInstance): void {
  app.head('/', async (_request, reply) => reply.code(200).send());
}
