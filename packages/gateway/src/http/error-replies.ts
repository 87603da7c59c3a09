import type { Duplex } from 'node:stream';

import { HeadwayError, isHeadwayError, maxBodyBytes } from '@headway/protocol';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import { endWithJson } from '../surface/connections/raw-reply.ts';
import type { KnownRoutes } from './known-routes.ts';
import { pathOf } from '../surface/request-address.ts';
import type { ErrorDialect, ErrorDialects } from '../surface/error-dialect.ts';
import type { FieldNames } from '../surface/field-names.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The request's names for the engine's fields, set once its body is read. @default errors keep the paths they have */
    fieldNames?: FieldNames;
  }
  interface FastifyInstance {
    errorDialects: ErrorDialects;
  }
}

/** An error, and its HTTP status where that does not follow from the error's code. */
interface HttpError {
  error: HeadwayError;
  status?: number;
}

/** Answers errors over HTTP, unknown routes included, in the error format of the request's API. */
export function registerErrorReplies(app: FastifyInstance, dialects: ErrorDialects, routes: KnownRoutes): void {
  app.decorate('errorDialects', dialects);
  app.decorateRequest('fieldNames');
  app.setErrorHandler((thrown: FastifyError, request, reply) => {
    const { error, status } = readThrown(thrown);
    if (error.code === 'internal') request.log.error({ err: error.cause ?? error }, 'a request failed');
    // Fastify would close the connection on a body that is too large, and a client that still sends would miss the error.
    if (status === 413) reply.removeHeader('connection');
    return sendError(request, reply, error, status);
  });
  app.setNotFoundHandler((request, reply) => {
    const path = pathOf(request.url);
    const methods = routes.methodsOf(path);
    if (methods.length === 0) {
      return sendError(
        request,
        reply,
        new HeadwayError(
          'invalid-request',
          `${request.method} ${cut(path)} is not a route of this gateway; GET /v1 lists those below it`,
        ),
        404,
      );
    }
    void reply.header('allow', methods.join(', '));
    return sendError(
      request,
      reply,
      new HeadwayError('invalid-request', `${cut(path)} takes ${methods.join(' or ')}, not ${request.method}`),
      405,
    );
  });
}

export function sendError(request: FastifyRequest, reply: FastifyReply, error: HeadwayError, status?: number) {
  const { id: requestId, fieldNames } = request;
  const dialect = request.server.errorDialects.of(request);
  const replied = status ?? dialect.status(error.code);
  if (error.retryable && !reply.hasHeader('retry-after')) void reply.header('retry-after', '1');
  // The route sets this header, too, but an early error comes before the route.
  if (dialect.requestIdHeader !== undefined) void reply.header(dialect.requestIdHeader, requestId);
  // OpenAI's and Anthropic's SDKs retry every 5xx and 409 unless this header says otherwise.
  return reply
    .code(replied)
    .header('x-should-retry', String(error.retryable))
    .send(dialect.body(error, { status: replied, requestId, fieldNames }));
}

function readThrown(thrown: FastifyError): HttpError {
  if (isHeadwayError(thrown)) return { error: thrown };
  const refuse = (message: string, status = thrown.statusCode): HttpError => ({
    error: new HeadwayError('invalid-request', message, { cause: thrown }),
    ...(status !== undefined && { status }),
  });
  switch (thrown.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return refuse(`the body is larger than ${maxBodyBytes / 1024 / 1024} MiB; send less text`);
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return refuse('Content-Type: send the body as application/json');
    default:
      break;
  }
  if (thrown.statusCode !== undefined && thrown.statusCode >= 400 && thrown.statusCode < 500)
    return refuse(thrown.message);
  return { error: new HeadwayError('internal', 'the gateway failed; its log says more', { cause: thrown }) };
}

function cut(path: string): string {
  return path.length > 100 ? `${path.slice(0, 100)}…` : path;
}

/** Answers a request that Node cannot parse as HTTP. */
export function answerBrokenRequest(socket: Duplex, { body }: Pick<ErrorDialect, 'body'>): void {
  const error = new HeadwayError(
    'invalid-request',
    'the request is not valid HTTP/1.1, or its headers are too large; send shorter headers',
  );
  endWithJson(socket, 400, body(error, { status: 400 }));
}
