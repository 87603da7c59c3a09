import { generateRequest, parse, type GenerateInput, type GenerationResult } from '@headway/protocol';
import type { FastifyInstance, FastifyRequest } from 'fastify';

import type { GenerationRegistry } from '../generations/generation-registry.ts';
import type { SharedGeneration } from '../generations/shared-generation.ts';
import { readHeartbeatKind, type HeartbeatKind } from '../progress/heartbeat-kind.ts';
import { renamePath, type FieldNames } from './field-names.ts';
import type { AskedTools } from './tools/asked-tools.ts';
import { LeftOutToolsReporter } from './tools/report-left-out-tools.ts';
import { cancelledByViewer, isCancelled } from './cancelled-by-viewer.ts';
import { clientGone } from './client-gone.ts';
import { paceResponse } from './stream/pace-response.ts';
import type { StreamDialect } from './stream/stream-dialect.ts';
import { streamGeneration } from './stream/stream-generation.ts';
import { reportLeftOutFields } from './report-left-out-fields.ts';
import { wholeAnswer } from './whole-answer.ts';

export interface GenerationSurfaceOptions {
  generations: GenerationRegistry;
  /** See `ConnectionPace`. */
  slowConsumerMs: number | undefined;
  /** See `SseStream`. */
  heartbeatMs: number | undefined;
}

/** The facts about its generation that every answer has. */
export interface AnswerHead {
  /** The generation's id. */
  id: string;
  model: string;
  /** Seconds since 1970. */
  created: number;
}

/** A request as one API reads it, and the shape of that API's answer. */
export interface AskedAnswer {
  input: GenerateInput;
  /** The request's names for the engine's fields, with the places of its tools. */
  names: FieldNames;
  /** @default no tools */
  tools?: AskedTools;
  /** Makes the stream's dialect; null for an answer in one body. */
  dialect: ((head: AnswerHead) => StreamDialect) | null;
  /**
   * Called when the engine has accepted the request, before the reply starts. The generation may have ended. @default
   * nothing
   */
  started?: (generation: SharedGeneration, head: AnswerHead) => void;
  /** Makes the body of an unstreamed answer. */
  body: (head: AnswerHead, result: GenerationResult) => object;
}

/** A route that generates, in the format of another vendor's API. */
export interface GenerationSurface {
  /** The path, for POST. */
  url: string;
  /** @throws HeadwayError `invalid-request`, naming the field */
  read: (request: FastifyRequest) => AskedAnswer | Promise<AskedAnswer>;
  /** The kind of heartbeats unless the client asks for the other. @default 'comment' */
  heartbeat?: HeartbeatKind;
  /** The body of an unstreamed answer that another viewer cancelled, sent with the status of `cancelledByViewer`. */
  cancelledBody: (request: FastifyRequest) => object;
}

const noTools: AskedTools = { leftOut: [], places: [] };

/**
 * Adds such a route, streamed and unstreamed. An error before the engine accepts the request has an HTTP status of its
 * own; later errors are events of a stream. A client that hangs up, or is disconnected as too slow, cancels its
 * generation. With `X-Headway-Resume: 1` it can instead continue at `/v1/generations/<X-Generation-Id>/events` within
 * the grace time.
 */
export function registerGenerationSurface(
  app: FastifyInstance,
  { url, read, heartbeat: usual = 'comment', cancelledBody }: GenerationSurface,
  { generations, slowConsumerMs, heartbeatMs }: GenerationSurfaceOptions,
): void {
  const leftOut = new LeftOutToolsReporter();
  app.post(url, async (request, reply) => {
    const { input, names, dialect, body, started, tools = noTools } = await read(request);
    request.fieldNames = names;
    leftOut.report(request, reply, tools);
    const heartbeat = readHeartbeatKind(request.headers, usual);
    const { generation } = generations.open(parse(generateRequest, input), request.caller);
    void reply.header('x-generation-id', generation.id);
    const resumes = request.headers['x-headway-resume'] === '1';
    const view = await generation.own({
      signal: clientGone(reply.raw),
      connection: paceResponse(reply.raw, slowConsumerMs),
      closeReason: () => (resumes ? 'dropped' : 'on-purpose'),
    });
    const { id, model, created } = generation;
    const reportFields = (leftOut: readonly string[] = []) =>
      reportLeftOutFields(request, reply, leftOut, (path) => renamePath(path, names));
    reportFields(generation.leftOut);
    const head = { id, model, created: Math.floor(created / 1000) };
    started?.(generation, head);
    if (dialect) {
      await streamGeneration(view, dialect(head), reply, { heartbeat, heartbeatMs });
      return reply;
    }
    try {
      const answer = await wholeAnswer(id, view);
      // The client has left; the reply is discarded.
      if (!answer) return reply.code(cancelledByViewer.status).send(cancelledBody(request));
      // While the model was loading the left-out fields were not known.
      reportFields(answer.leftOut);
      if (!isCancelled(answer)) return body(head, answer);
      return reply.code(cancelledByViewer.status).header('x-should-retry', 'false').send(cancelledBody(request));
    } finally {
      view.close('on-purpose');
    }
  });
}
