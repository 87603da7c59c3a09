import type { Engine } from '@headway/engine';
import { TRPCError } from '@trpc/server';
import { fastifyRequestHandler } from '@trpc/server/adapters/fastify';
import type { FastifyInstance } from 'fastify';

import type { GenerationRegistry } from '../generations/generation-registry.ts';
import { paceResponse } from '../surface/stream/pace-response.ts';
import { bodyText } from '../surface/bodies/read-json-bodies.ts';
import { callerOf, connectionOf, type CallContext } from './call-context.ts';
import { gatewayRoot } from './router/gateway-root.ts';
import { createHeadwayRouter } from './router/headway-router.ts';

export interface TrpcRoutesOptions {
  engine: Engine;
  generations: GenerationRegistry;
  version: string;
  /** See `HeadwayRouterOptions`. */
  modelId: (name: string) => string;
  sockets: () => number;
  /** See `ConnectionPace`. */
  slowConsumerMs: number | undefined;
}

/** Most calls in one batched request. A batch counts as one request against the rate limit. */
const maxHttpBatch = 20;

/**
 * Serves tRPC over HTTP: queries, mutations, and `watch`, which starts nothing. The served router has no `generate`
 * subscription, so that no GET can start a generation however its path is written. An error that names the right
 * endpoints takes its place.
 */
export function registerTrpcRoutes(
  app: FastifyInstance,
  { engine, generations: registry, version, modelId, sockets, slowConsumerMs }: TrpcRoutesOptions,
): void {
  const { watch, cancel, estimate, generations, models, activity, status } = createHeadwayRouter(engine, {
    generations: registry,
    version,
    modelId,
    sockets,
    caller: callerOf,
    connection: connectionOf,
  });
  const router = gatewayRoot.router({
    watch,
    cancel,
    estimate,
    generations,
    models,
    activity,
    status,
    generate: gatewayRoot.procedure.query((): never => {
      throw new TRPCError({
        code: 'METHOD_NOT_SUPPORTED',
        message: 'generate is a subscription: open a WebSocket at /trpc, or POST to /v1/generations',
      });
    }),
  });
  void app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    // tRPC reads the text itself.
    scope.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, bytes, done) => {
      try {
        done(null, bodyText(bytes as Buffer));
      } catch (thrown) {
        done(thrown as Error);
      }
    });
    scope.route<{ Params: { path: string } }>({
      method: ['GET', 'POST'],
      url: '/trpc/:path',
      // tRPC answers with a Response, whose length Fastify's own HEAD handler cannot read.
      exposeHeadRoute: false,
      handler: (req, res) =>
        fastifyRequestHandler({
          router,
          req,
          res,
          path: req.params.path,
          // Lets a POST call a query, too, so that GET and POST of `generate` get the same error.
          allowMethodOverride: true,
          maxBatchSize: maxHttpBatch,
          createContext: (): CallContext => ({
            identify: () => req.caller,
            connection: paceResponse(res.raw, slowConsumerMs),
          }),
          onError: ({ error, path }) => {
            if (error.code === 'INTERNAL_SERVER_ERROR') req.log.error({ err: error, path }, 'a call failed');
          },
        }),
    });
  });
}
