import { initTRPC } from '@trpc/server';

import { shapeError } from './trpc-error.ts';

/** The root of the routers that the gateway serves itself: what tRPC refuses before any procedure has Headway's shape, too. */
export const gatewayRoot = initTRPC.create({
  isDev: false,
  // Proxies give up on a silent stream after half a minute or more.
  sse: { ping: { enabled: true, intervalMs: 15_000 } },
  errorFormatter: ({ error, shape }) => shapeError(error, shape),
});
