import type { ServerResponse } from 'node:http';

import { ConnectionPace } from '../../generations/connection/connection-pace.ts';

/** How long a client that was told `slow-consumer` has to take that, in ms. */
const closeGraceMs = 10_000;

/** The pace of a response: one that takes nothing for too long is closed, though its client never reads that it is. */
export function paceResponse(response: ServerResponse, slowConsumerMs: number | undefined): ConnectionPace {
  return new ConnectionPace(response, {
    // Whoever hangs up does not say why.
    isOpen: () => false,
    slowConsumerMs,
    onSlow: () => {
      const late = setTimeout(() => response.destroy(), closeGraceMs).unref();
      response.once('close', () => clearTimeout(late));
    },
  });
}
