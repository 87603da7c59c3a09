import type { FastifyInstance } from 'fastify';

import { anyone, type Caller } from './caller.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who sent it. Every handler may rely on it: a request whose sender must be known and is not comes to none. */
    caller: Caller;
  }
}

export function registerCaller(app: FastifyInstance): void {
  app.decorateRequest('caller');
  app.addHook('onRequest', async (request) => {
    request.caller = anyone;
  });
}
