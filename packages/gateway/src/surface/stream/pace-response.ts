import type { ServerResponse } from 'node:http';

import { ConnectionPace } from '../../generations/connection/connection-pace.ts';

/** How long a client has to read the error `slow-consumer` before its connection is destroyed, in ms. */
const closeGraceMs = 10_000;

/** The pace of a response. It is destroyed when its client reads nothing for too long, not even the error. */
export function paceResponse(response: ServerResponse, slowConsumerMs: number | undefined): ConnectionPace {
  return new ConnectionPace(response, {
    // A closed HTTP connection does not show why the client left.
    isOpen: () => false,
    slowConsumerMs,
    onSlow: () => {
      const late = setTimeout(() => response.destroy(), closeGraceMs).unref();
      response.once('close', () => clearTimeout(late));
    },
  });
}
