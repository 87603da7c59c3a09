import type { ServerResponse } from 'node:http';

/** Aborts when the client hangs up before it has its answer. (A request's own `close` comes when its body was read.) */
export function clientGone(response: ServerResponse): AbortSignal {
  const gone = new AbortController();
  const onClose = () => {
    if (!response.writableFinished) gone.abort(new Error('the client hung up'));
  };
  // A client may be gone before its request is looked at, and then nothing closes any more.
  if (response.closed) onClose();
  else response.once('close', onClose);
  return gone.signal;
}
