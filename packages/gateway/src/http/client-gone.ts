import type { ServerResponse } from 'node:http';

/** Aborts when the client hangs up before it has its answer. (A request's own `close` comes when its body was read.) */
export function clientGone(response: ServerResponse): AbortSignal {
  const gone = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) gone.abort(new Error('the client hung up'));
  });
  return gone.signal;
}
