import type { Engine } from '@headway/engine';
import { TRPCError } from '@trpc/server';
import { fastifyRequestHandler } from '@trpc/server/adapters/fastify';
import type { FastifyInstance } from 'fastify';

import { callerOf, type CallContext } from './call-context.ts';
import { gatewayRoot } from './gateway-root.ts';
import { createHeadwayRouter, type HeadwayRouterOptions } from './headway-router.ts';

/** Calls in one request: a batch counts as one. */
const maxHttpBatch = 20;

/**
 * tRPC over HTTP: queries and mutations. The router that is served has no subscriptions at all, so that no GET can
 * start a generation however its path is written; in the place of `generate` stands the word where to go.
 */
export function registerTrpcRoutes(app: FastifyInstance, engine: Engine, options: HeadwayRouterOptions): void {
  const { cancel, models, status } = createHeadwayRouter(engine, { ...options, caller: callerOf });
  const router = gatewayRoot.router({
    cancel,
    models,
    status,
    generate: gatewayRoot.procedure.query((): never => {
      throw new TRPCError({
        code: 'METHOD_NOT_SUPPORTED',
        message: 'generate is a subscription: open a WebSocket at /trpc, or POST to /v1/chat/completions',
      });
    }),
  });
  void app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    // tRPC reads the text itself.
    scope.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => done(null, body));
    scope.route<{ Params: { path: string } }>({
      method: ['GET', 'POST'],
      url: '/trpc/:path',
      handler: (req, res) =>
        fastifyRequestHandler({
          router,
          req,
          res,
          path: req.params.path,
          // A POST to a query is as good as a GET, so that both get the same answer.
          allowMethodOverride: true,
          maxBatchSize: maxHttpBatch,
          createContext: (): CallContext => ({ identify: () => req.caller }),
          onError: ({ error, path }) => {
            if (error.code === 'INTERNAL_SERVER_ERROR') req.log.error({ err: error, path }, 'a call failed');
          },
        }),
    });
  });
}
