import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, ServerResponse } from 'node:http';

export interface AnsweredRequest {
  method: string | undefined;
  path: string | undefined;
  status: number;
  /** Whether the answer was a stream of events. */
  streamed: boolean;
}

const channel = 'http.server.response.finish';

/** What the HTTP servers of this process answer from here on, seen by Node itself. */
export function watchAnswers(): Disposable & { answers: readonly AnsweredRequest[] } {
  const answers: AnsweredRequest[] = [];
  const listen = (message: unknown) => {
    const { request, response } = message as { request: IncomingMessage; response: ServerResponse };
    const type = String(response.getHeader('content-type'));
    answers.push({
      method: request.method,
      path: request.url,
      status: response.statusCode,
      streamed: type.startsWith('text/event-stream'),
    });
  };
  subscribe(channel, listen);
  return { answers, [Symbol.dispose]: () => void unsubscribe(channel, listen) };
}
