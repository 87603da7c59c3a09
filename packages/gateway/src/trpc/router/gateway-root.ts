import { initTRPC } from '@trpc/server';

import { shapeError } from './trpc-error.ts';

/** The root of the gateway's own routers. It gives Headway's error shape also to what tRPC refuses before a procedure runs. */
export const gatewayRoot = initTRPC.create({
  isDev: false,
  // Some proxies close a stream that is silent for 30 s.
  sse: { ping: { enabled: true, intervalMs: 15_000 } },
  errorFormatter: ({ error, shape }) => shapeError(error, shape),
});
