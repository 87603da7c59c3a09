import cors from '@fastify/cors';
import rateLimit from '@fastify/rate-limit';
import { isHeadwayError, type HeadwayError } from '@headway/protocol';
import type { FastifyInstance } from 'fastify';

import { decodeBodies } from './bodies/decode-bodies.ts';
import { sendError } from './error-replies.ts';
import { accountOf } from '../access/limits/account.ts';
import { anyone, type Caller } from '../access/caller.ts';
import { tooManyRequests, type Gatekeeper } from '../access/gatekeeper.ts';
import { holdBodies } from './bodies/hold-bodies.ts';
import type { OriginList } from '../access/policy/origin-list.ts';
import { presentedKey } from '../access/keys/presented-key.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who sent it. Every handler may rely on it: a request whose sender must be known and is not comes to none. */
    caller: Caller;
    /** Why its sender is not known. */
    unknownCaller: HeadwayError | null;
  }
  interface FastifyContextConfig {
    /** Needs no key. */
    open?: boolean;
    /** Is answered however often it is asked. */
    unlimited?: boolean;
  }
}

/**
 * What every request over HTTP passes before anything else looks at it, in this order: Host, Origin and
 * `Sec-Fetch-Site`; CORS, so that pages which may use the gateway can read every refusal from here on; the rate of its
 * sender; the key.
 */
export async function guardRequests(app: FastifyInstance, gatekeeper: Gatekeeper): Promise<void> {
  app.decorateRequest('caller');
  app.decorateRequest('unknownCaller', null);
  app.addHook('onRequest', async (request, reply) => {
    const { method = 'GET', headers, url = '' } = request.raw;
    const refusal = gatekeeper.refuse({ method, headers, url, upgrade: false });
    if (refusal) return sendError(request, reply, refusal);
  });
  await allowPages(app, gatekeeper.allowedOrigins);
  app.addHook('onRequest', async (request) => {
    request.caller = anyone;
    try {
      request.caller = gatekeeper.recognise(presentedKey(request.headers));
    } catch (thrown) {
      if (!isHeadwayError(thrown)) throw thrown;
      request.unknownCaller = thrown;
    }
  });
  await app.register(rateLimit, {
    global: false,
    max: gatekeeper.requests.burst,
    store: gatekeeper.requests.asStore(),
    allowList: ({ routeOptions }) => routeOptions.config.unlimited === true,
    keyGenerator: ({ caller, ip }) => accountOf(caller, ip),
    errorResponseBuilder: (_request, { ttl }) => tooManyRequests(ttl),
  });
  // Not route by route: what is not there is asked for, too.
  app.addHook('onRequest', app.rateLimit());
  app.addHook('onRequest', async (request, reply) => {
    if (request.unknownCaller === null || request.routeOptions.config.open) return;
    void reply.header('www-authenticate', 'Bearer');
    return sendError(request, reply, request.unknownCaller);
  });
  decodeBodies(app);
  holdBodies(app, gatekeeper.heldBytes, gatekeeper.bodyTurns);
}

/** Makes the routes that `register` adds answer without a key. */
export async function openRoutes(
  app: FastifyInstance,
  register: (scope: FastifyInstance) => unknown,
  { unlimited = false }: { unlimited?: boolean } = {},
): Promise<void> {
  await app.register(async (scope) => {
    scope.addHook('onRoute', (route) => {
      route.config = { ...route.config, open: true, unlimited };
    });
    await register(scope);
  });
}

async function allowPages(app: FastifyInstance, allowedOrigins: OriginList): Promise<void> {
  if (allowedOrigins.size === 0) return;
  await app.register(cors, {
    origin: (origin, allow) => allow(null, origin !== undefined && allowedOrigins.has(origin.toLowerCase())),
    methods: ['GET', 'HEAD', 'POST', 'DELETE'],
    exposedHeaders: [
      'X-Generation-Id',
      'X-Headway-Left-Out',
      'X-Headway-Tools-Left-Out',
      'Location',
      'Retry-After',
      'X-Should-Retry',
      'Request-Id',
    ],
    maxAge: 600,
  });
}
