import type { ServerResponse } from 'node:http';

/**
 * Aborts when the client hangs up before it has the whole answer. (A request's own `close` already comes after its
 * body.)
 */
export function clientGone(response: ServerResponse): AbortSignal {
  const gone = new AbortController();
  const onClose = () => {
    if (!response.writableFinished) gone.abort(new Error('the client hung up'));
  };
  // The client may have hung up before this call; then no `close` event follows.
  if (response.closed) onClose();
  else response.once('close', onClose);
  return gone.signal;
}
