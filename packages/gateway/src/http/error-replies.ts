import type { Duplex } from 'node:stream';

import { HeadwayError, isHeadwayError, maxBodyBytes } from '@headway/protocol';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify';

import { endWithJson } from '../surface/connections/raw-reply.ts';
import { pathOf } from '../surface/asked-path.ts';
import type { ErrorDialect, ErrorDialects } from '../surface/error-dialect.ts';
import type { FieldNames } from '../surface/field-names.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** What a request that was read calls the engine's fields. @default errors name fields as the request does already */
    fieldNames?: FieldNames;
  }
  interface FastifyInstance {
    errorDialects: ErrorDialects;
  }
}

/** An error and, where HTTP has a status for it that the code alone does not tell, that. */
interface HttpError {
  error: HeadwayError;
  status?: number;
}

/** Answers whatever goes wrong on HTTP, routes that are not there included, in the shape of the surface that was asked. */
export function registerErrorReplies(app: FastifyInstance, dialects: ErrorDialects): void {
  app.decorate('errorDialects', dialects);
  app.decorateRequest('fieldNames');
  app.setErrorHandler((thrown: FastifyError, request, reply) => {
    const { error, status } = readThrown(thrown);
    if (error.code === 'internal') request.log.error({ err: error.cause ?? error }, 'a request failed');
    // Fastify hangs up on a body that is too big, and a client that still sends would never see why.
    if (status === 413) reply.removeHeader('connection');
    return sendError(request, reply, error, status);
  });
  app.setNotFoundHandler((request, reply) => {
    const path = pathOf(request.url);
    const methods = methodsOf(app, path);
    if (methods.length === 0) {
      return sendError(
        request,
        reply,
        new HeadwayError(
          'invalid-request',
          `${request.method} ${cut(path)} is not a route of this gateway; see its documentation`,
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
  // Where a request goes wrong early, no route has come to it yet.
  if (dialect.requestIdHeader !== undefined) void reply.header(dialect.requestIdHeader, requestId);
  // OpenAI's and Anthropic's SDKs retry every 5xx and 409 unless they are told.
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

/** Routes that are more than one path. */
const patterns: readonly [RegExp, string][] = [
  [/^\/trpc\/[^/]+$/, '/trpc/:path'],
  [/^\/v1\/models\/[^/]+$/, '/v1/models/:id'],
  [/^\/v1\/responses\/[^/]+$/, '/v1/responses/:id'],
  [/^\/v1\/responses\/[^/]+\/cancel$/, '/v1/responses/:id/cancel'],
  [/^\/v1\/responses\/[^/]+\/input_items$/, '/v1/responses/:id/input_items'],
  [/^\/v1\/generations\/[^/]+$/, '/v1/generations/:id'],
  [/^\/v1\/generations\/[^/]+\/events$/, '/v1/generations/:id/events'],
];

function methodsOf(app: FastifyInstance, path: string): HTTPMethods[] {
  const [, known] = patterns.find(([pattern]) => pattern.test(path)) ?? [];
  // The router takes what it is asked for as a pattern of its own, and throws at one that it cannot read.
  if (known === undefined && /[*:]/.test(path)) return [];
  const url = known ?? path;
  const methods: HTTPMethods[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];
  return methods.filter((method) => app.hasRoute({ url, method }));
}

function cut(path: string): string {
  return path.length > 100 ? `${path.slice(0, 100)}…` : path;
}

/** Answers what Node could not parse as HTTP. */
export function answerBrokenRequest(socket: Duplex, { body }: Pick<ErrorDialect, 'body'>): void {
  const error = new HeadwayError(
    'invalid-request',
    'this is no request that HTTP/1.1 knows, or its headers are too large',
  );
  endWithJson(socket, 400, body(error, { status: 400 }));
}
