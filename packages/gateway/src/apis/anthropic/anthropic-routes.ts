import type { Engine } from '@headway/engine';
import type { FastifyInstance } from 'fastify';

import type { GenerationSurfaceOptions } from '../../surface/generation-surface.ts';
import { registerCountTokensRoute } from './count-tokens-route.ts';
import { registerMessagesRoute } from './messages-route.ts';
import { requestIdHeader } from './request-id.ts';

/** Anthropic's API: `POST /v1/messages` and `POST /v1/messages/count_tokens`. */
export async function registerAnthropicRoutes(
  app: FastifyInstance,
  { engine, ...surface }: GenerationSurfaceOptions & { engine: Engine },
): Promise<void> {
  await app.register(async (scope) => {
    scope.addHook('onRequest', async ({ id }, reply) => {
      void reply.header(requestIdHeader, id);
    });
    registerMessagesRoute(scope, surface);
    registerCountTokensRoute(scope, engine);
  });
}
