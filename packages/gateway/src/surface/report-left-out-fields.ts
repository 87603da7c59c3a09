import type { FastifyReply, FastifyRequest } from 'fastify';

/** The most bytes of the header; some proxies accept only a few thousand for all headers. */
const longest = 2_000;

/**
 * Reports the fields of a request's schemas that the answer's grammar does not enforce: in the header
 * `X-Headway-Left-Out`, a JSON list of the API's names for them, and once in the log.
 */
export function reportLeftOutFields(
  request: FastifyRequest,
  reply: FastifyReply,
  leftOut: readonly string[],
  fieldOf: (path: string) => string,
): void {
  if (leftOut.length === 0 || reply.hasHeader('x-headway-left-out')) return;
  void reply.header('x-headway-left-out', headerOf(leftOut.map(fieldOf)));
  request.log.info({ path: request.url.split('?', 1)[0], leftOut }, 'the grammar enforces a schema only in part');
}

/** The header's value, in ASCII and at most `longest` bytes. */
function headerOf(fields: readonly string[]): string {
  for (let count = fields.length; count > 0; count--) {
    const listed = count === fields.length ? fields : [...fields.slice(0, count), 'and more'];
    const text = JSON.stringify(listed).replace(
      /[^ -~]/g,
      (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
    if (text.length <= longest) return text;
  }
  return '["and more"]';
}
