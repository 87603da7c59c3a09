import type { Server, ServerResponse } from 'node:http';

/** How long a client has to take an answer that is whole. Streams have a pace of their own before. */
const takeMs = 60_000;

/** Hangs up on clients that do not take what they were answered, and so would hold it for ever. */
export function endUntakenAnswers(server: Server, ms = takeMs): void {
  // Before whoever answers, who may do it at once.
  server.prependListener('request', (_request, response: ServerResponse) => {
    response.once('prefinish', () => {
      // Of one whose client has hung up nothing is held.
      if (response.closed || response.destroyed) return;
      const late = setTimeout(() => response.destroy(), ms).unref();
      response.once('finish', () => clearTimeout(late)).once('close', () => clearTimeout(late));
    });
  });
}
