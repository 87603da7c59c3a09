import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, ServerResponse } from 'node:http';

export interface AnsweredRequest {
  method: string | undefined;
  path: string | undefined;
  status: number;
  /** Whether the response was a stream of events. */
  streamed: boolean;
  /** Whether it was written piece by piece, like a stream. */
  written: string;
}

interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
}

/** Records the responses of this process's HTTP servers from now on, for clients that cannot be inspected otherwise. */
export function watchAnswers(): Disposable & { answers: readonly AnsweredRequest[] } {
  const answers: AnsweredRequest[] = [];
  const start = (message: unknown) => {
    const { request, response } = message as Exchange;
    let written = '';
    const write = response.write.bind(response) as (...args: unknown[]) => boolean;
    response.write = (...args: unknown[]) => {
      written += String(args[0]);
      return write(...args);
    };
    response.once('finish', () => {
      const type = String(response.getHeader('content-type'));
      answers.push({
        method: request.method,
        path: request.url,
        status: response.statusCode,
        streamed: type.startsWith('text/event-stream'),
        written,
      });
    });
  };
  subscribe('http.server.request.start', start);
  return { answers, [Symbol.dispose]: () => void unsubscribe('http.server.request.start', start) };
}
