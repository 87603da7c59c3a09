import type { FastifyReply, FastifyRequest } from 'fastify';

/** Bytes of the header; some proxies take no more than a few thousand in all. */
const longest = 2_000;

/**
 * Says what of a request's schemas the answer's grammar does not keep: in the header `X-Headway-Left-Out`, a list of fields
 * in JSON, by the names that the API has for them, and once in the log.
 */
export function reportLeftOutFields(
  request: FastifyRequest,
  reply: FastifyReply,
  leftOut: readonly string[],
  fieldOf: (path: string) => string,
): void {
  if (leftOut.length === 0 || reply.hasHeader('x-headway-left-out')) return;
  void reply.header('x-headway-left-out', headerOf(leftOut.map(fieldOf)));
  request.log.info({ path: request.url.split('?', 1)[0], leftOut }, 'a schema is kept in part');
}

/** Headers have no other characters than those of ASCII. */
function headerOf(fields: readonly string[]): string {
  for (let count = fields.length; count > 0; count--) {
    const told = count === fields.length ? fields : [...fields.slice(0, count), 'and more'];
    const text = JSON.stringify(told).replace(
      /[^ -~]/g,
      (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
    if (text.length <= longest) return text;
  }
  return '["and more"]';
}
