import { generateRequest, parse, type GenerateInput, type GenerationResult } from '@headway/protocol';
import type { FastifyInstance, FastifyRequest } from 'fastify';

import type { GenerationRegistry } from '../generations/generation-registry.ts';
import type { SharedGeneration } from '../generations/shared-generation.ts';
import { askedHeartbeat, type HeartbeatForm } from '../progress/asked-heartbeat.ts';
import { inRequestPlaces, type AskedTools } from './tools/asked-tools.ts';
import { LeftOutTeller } from './tools/tell-left-out.ts';
import { cancelledElsewhere, hasCancelled } from './cancelled-elsewhere.ts';
import { clientGone } from './client-gone.ts';
import { paceResponse } from './stream/pace-response.ts';
import type { StreamDialect } from './stream/stream-dialect.ts';
import { streamGeneration } from './stream/stream-generation.ts';
import { tellLeftOut } from './tell-left-out.ts';
import { wholeAnswer } from './whole-answer.ts';

export interface GenerationSurfaceOptions {
  generations: GenerationRegistry;
  /** See `ConnectionPace`. */
  slowConsumerMs: number | undefined;
  /** See `SseStream`. */
  heartbeatMs: number | undefined;
}

/** What an answer says of its generation. */
export interface AnswerHead {
  /** The generation's id. */
  id: string;
  model: string;
  /** Seconds since 1970. */
  created: number;
}

/** What one request asks for, and in which words it is answered. */
export interface AskedAnswer {
  input: GenerateInput;
  /** @default none were asked for */
  tools?: AskedTools;
  /** How the answer is streamed; null: it is one body. */
  dialect: ((head: AnswerHead) => StreamDialect) | null;
  /** Called once the engine took the request, before anything is answered; it may have ended by then. @default nothing */
  started?: (generation: SharedGeneration, head: AnswerHead) => void;
  /** The body of an answer that is not streamed. */
  body: (head: AnswerHead, result: GenerationResult) => object;
}

/** A route of somebody else's API that generates. */
export interface GenerationSurface {
  /** The path, which takes POST. */
  url: string;
  /** @throws HeadwayError `invalid-request`, naming the field */
  read: (request: FastifyRequest) => AskedAnswer | Promise<AskedAnswer>;
  /** The form of heartbeats that nobody asked for in another. @default 'comment' */
  heartbeat?: HeartbeatForm;
  /** What this API calls a field of the engine's. */
  fieldOf: (path: string, request: FastifyRequest) => string;
  /** The body of an answer that another viewer cancelled (`cancelledElsewhere`); it goes out with that status. */
  cancelledBody: (request: FastifyRequest) => object;
}

const noTools: AskedTools = { leftOut: [], places: [] };

/**
 * Adds such a route, streamed and not. A failure before the generation is admitted has its own status; after that, one
 * that streams hears of it by an event. A client that hangs up, or is closed as a slow one, cancels, unless it sent
 * `X-Headway-Resume: 1`: then it has the grace time to go on at `/v1/generations/<X-Generation-Id>/events`.
 */
export function registerGenerationSurface(
  app: FastifyInstance,
  { url, read, heartbeat: usual = 'comment', fieldOf, cancelledBody }: GenerationSurface,
  { generations, slowConsumerMs, heartbeatMs }: GenerationSurfaceOptions,
): void {
  const leftOut = new LeftOutTeller();
  app.post(url, async (request, reply) => {
    const { input, dialect, body, started, tools = noTools } = await read(request);
    leftOut.tell(request, reply, tools);
    const heartbeat = askedHeartbeat(request.headers, usual);
    const { generation } = await inRequestPlaces(tools, () =>
      generations.open(parse(generateRequest, input), request.caller),
    );
    void reply.header('x-generation-id', generation.id);
    const resumes = request.headers['x-headway-resume'] === '1';
    const view = await inRequestPlaces(tools, () =>
      generation.own({
        signal: clientGone(reply.raw),
        connection: paceResponse(reply.raw, slowConsumerMs),
        closeReason: () => (resumes ? 'dropped' : 'on-purpose'),
      }),
    );
    const { id, model, created } = generation;
    const tell = (leftOut: readonly string[] = []) =>
      tellLeftOut(request, reply, leftOut, (path) => fieldOf(path, request));
    tell(generation.leftOut);
    const head = { id, model, created: Math.floor(created / 1000) };
    started?.(generation, head);
    if (dialect) {
      await streamGeneration(view, dialect(head), reply, { heartbeat, heartbeatMs });
      return reply;
    }
    try {
      const answer = await wholeAnswer(id, view);
      // Nobody is there any more, either.
      if (!answer) return reply.code(cancelledElsewhere.status).send(cancelledBody(request));
      // Of a model that was still loading it is known now.
      tell(answer.leftOut);
      if (!hasCancelled(answer)) return body(head, answer);
      return reply.code(cancelledElsewhere.status).header('x-should-retry', 'false').send(cancelledBody(request));
    } finally {
      view.close('on-purpose');
    }
  });
}
