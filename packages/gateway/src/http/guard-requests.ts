import cors from '@fastify/cors';
import rateLimit from '@fastify/rate-limit';
import { isHeadwayError, type HeadwayError } from '@headway/protocol';
import type { FastifyInstance } from 'fastify';

import { decodeBodies } from './bodies/decode-bodies.ts';
import { sendError } from './error-replies.ts';
import { accountOf } from '../access/limits/account.ts';
import { anonymousCaller, type Caller } from '../access/caller.ts';
import { tooManyRequests, type AccessControl } from '../access/access-control.ts';
import { limitIncompleteBodies } from './bodies/limit-incomplete-bodies.ts';
import type { OriginList } from '../access/policy/origin-list.ts';
import { presentedKey } from '../access/keys/presented-key.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The caller. Handlers may rely on it: a request without a valid key reaches public routes only. */
    caller: Caller;
    /** Why the request has no authenticated caller. */
    unknownCaller: HeadwayError | null;
  }
  interface FastifyContextConfig {
    /** The route needs no key. */
    public?: boolean;
    /** The route has no rate limit. */
    unlimited?: boolean;
  }
}

/**
 * Checks every HTTP request before its route, in this order: Host, Origin and `Sec-Fetch-Site`; CORS, so that allowed
 * pages can read every later refusal; the rate limit; the key; the body's size.
 */
export async function guardRequests(app: FastifyInstance, accessControl: AccessControl): Promise<void> {
  app.decorateRequest('caller');
  app.decorateRequest('unknownCaller', null);
  app.addHook('onRequest', async (request, reply) => {
    const { method = 'GET', headers, url = '' } = request.raw;
    const refusal = accessControl.check({ method, headers, url, upgrade: false });
    if (refusal) return sendError(request, reply, refusal);
  });
  await allowPages(app, accessControl.allowedOrigins);
  app.addHook('onRequest', async (request) => {
    request.caller = anonymousCaller;
    try {
      request.caller = accessControl.authenticate(presentedKey(request.headers));
    } catch (thrown) {
      if (!isHeadwayError(thrown)) throw thrown;
      request.unknownCaller = thrown;
    }
  });
  await app.register(rateLimit, {
    global: false,
    max: accessControl.requests.burst,
    store: accessControl.requests.asStore(),
    allowList: ({ routeOptions }) => routeOptions.config.unlimited === true,
    keyGenerator: ({ caller, ip }) => accountOf(caller, ip),
    errorResponseBuilder: (_request, { ttl }) => tooManyRequests(ttl),
  });
  // As a hook of the app and not of each route, because unknown routes count, too.
  app.addHook('onRequest', app.rateLimit());
  app.addHook('onRequest', async (request, reply) => {
    if (request.unknownCaller === null || request.routeOptions.config.public) return;
    void reply.header('www-authenticate', 'Bearer');
    return sendError(request, reply, request.unknownCaller);
  });
  decodeBodies(app);
  limitIncompleteBodies(app, accessControl.bufferedBytes, accessControl.largeBodies);
}

/** Registers routes that need no key, and with `unlimited` have no rate limit. */
export async function registerPublicRoutes(
  app: FastifyInstance,
  register: (scope: FastifyInstance) => unknown,
  { unlimited = false }: { unlimited?: boolean } = {},
): Promise<void> {
  await app.register(async (scope) => {
    scope.addHook('onRoute', (route) => {
      route.config = { ...route.config, public: true, unlimited };
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
