import {
  errorData,
  fieldError,
  generateRequest,
  generationId,
  parse,
  toHeadwayError,
  type GenerationInfo,
} from '@headway/protocol';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';

import { formatEventId, seqAfter } from '../../generations/event-id.ts';
import type { GenerationRegistry } from '../../generations/generation-registry.ts';
import type { GenerationView } from '../../generations/generation-view.ts';
import { fieldNames } from '../../surface/field-names.ts';
import { clientGone } from '../../surface/client-gone.ts';
import { paceResponse } from '../../surface/stream/pace-response.ts';
import { SseStream } from '../../sse/sse-stream.ts';

export interface GenerationRoutesOptions {
  generations: GenerationRegistry;
  /** See `ConnectionPace`. */
  slowConsumerMs: number | undefined;
  /** See `SseStream`. */
  heartbeatMs: number | undefined;
}

interface OneGeneration {
  Params: { id: string };
}

/** Names the header in the errors of a request that has its position there. */
const headerNames = fieldNames({ lastEventId: 'Last-Event-ID' }, 'prompt');

const params = z.object({ id: generationId });

/** Strict: a misspelt name must not cancel all choices. */
const choiceQuery = z.strictObject({
  index: z
    .string()
    .regex(/^\d{1,3}$/, 'use a whole number from 0 on')
    .transform(Number)
    .optional(),
});

/**
 * Serves Headway's own events over plain HTTP, for programs, and for pages that cannot open a WebSocket. POST starts a
 * generation. With `Accept: text/event-stream` the response is the stream of events, and a dropped connection leaves the
 * generation the grace time. Without it the response is 202 with the id, and the generation runs to its end. HTTP cannot
 * tell a client that stops reading on purpose from a dropped connection, so only DELETE cancels at once.
 */
export function registerGenerationRoutes(
  app: FastifyInstance,
  { generations, slowConsumerMs, heartbeatMs }: GenerationRoutesOptions,
): void {
  app.post('/v1/generations', async (request, reply) => {
    const asked = parse(generateRequest, withLastEventId(request));
    const { generation, after } = generations.open(asked, request.caller);
    const { id } = generation;
    void reply.header('x-generation-id', id).header('location', `/v1/generations/${id}`);
    if (!acceptsEvents(request)) {
      await generation.admitted;
      return reply.code(202).send(generation.info());
    }
    const signal = clientGone(reply.raw);
    const connection = paceResponse(reply.raw, slowConsumerMs);
    const view = await generation.own({ after, signal, connection });
    await streamEvents(view, { id, reply, heartbeatMs });
    return reply;
  });

  app.get('/v1/generations', async ({ caller }): Promise<{ generations: GenerationInfo[] }> => ({
    generations: generations.list(caller),
  }));

  app.get<OneGeneration>('/v1/generations/:id', async ({ params: of, caller }) =>
    generations.find(parse(params, of).id, caller).info(),
  );

  app.get<OneGeneration>('/v1/generations/:id/events', async (request, reply) => {
    const generation = generations.find(parse(params, request.params).id, request.caller);
    const after = seqAfter(lastEventIdOf(request), generation.id);
    // An EventSource reconnects after the last event, too. 204 makes it stop.
    if (generation.endedAt(after)) return reply.code(204).send();
    const signal = clientGone(reply.raw);
    const connection = paceResponse(reply.raw, slowConsumerMs);
    const view = await generation.watch({ after, signal, connection });
    await streamEvents(view, { id: generation.id, reply, heartbeatMs });
    return reply;
  });

  app.delete<OneGeneration>('/v1/generations/:id', async ({ params: of, query, caller }) => {
    const { index } = parse(choiceQuery, query);
    const { id } = generations.find(parse(params, of).id, caller);
    return { cancelled: generations.cancel(id, caller, index) };
  });
}

interface StreamedEvents {
  id: string;
  reply: FastifyReply;
  heartbeatMs: number | undefined;
}

async function streamEvents(view: GenerationView, { id, reply, heartbeatMs }: StreamedEvents): Promise<void> {
  const stream = new SseStream(reply, { heartbeatMs });
  try {
    await view.forEach((event, json) => {
      // The view closes only when the response reports its end, which may be many events later.
      if (!stream.open) return false;
      stream.send({ id: formatEventId(id, event), data: json.of(event) });
      return true;
    });
  } catch (thrown) {
    // This stream ends; the generation goes on.
    stream.send({ event: 'closed', data: JSON.stringify(errorData(toHeadwayError(thrown))) });
  } finally {
    stream.end();
    await view.return();
  }
}

function acceptsEvents({ headers: { accept = '' } }: FastifyRequest): boolean {
  return /(^|,)\s*text\/event-stream\s*(;|,|$)/i.test(accept);
}

/** The body, with `Last-Event-ID` as its `lastEventId` field, for clients that resume as an EventSource does. */
function withLastEventId(request: FastifyRequest): unknown {
  const { body } = request;
  const lastEventId = lastEventIdOf(request);
  return lastEventId === undefined || typeof body !== 'object' ? body : { lastEventId, ...body };
}

function lastEventIdOf(request: FastifyRequest): string | undefined {
  const value = request.headers['last-event-id'];
  if (value === undefined) return undefined;
  request.fieldNames = headerNames;
  if (Array.isArray(value))
    throw fieldError({ path: ['lastEventId'], message: 'the header occurs twice; send it once' });
  // An EventSource that has received no event may send an empty one.
  return value === '' ? undefined : value;
}
