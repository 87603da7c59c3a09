import { fieldError, HeadwayError, parse } from '@headway/protocol';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';

import type { SharedGeneration } from '../../../../generations/shared-generation.ts';
import { clientGone } from '../../../../surface/client-gone.ts';
import type { GenerationSurfaceOptions } from '../../../../surface/generation-surface.ts';
import { paceResponse } from '../../../../surface/stream/pace-response.ts';
import { streamGeneration } from '../../../../surface/stream/stream-generation.ts';
import { readHeartbeatKind } from '../../../../progress/heartbeat-kind.ts';
import { readProgressDialects } from '../../../../progress/progress-dialects.ts';
import { listedItem } from './input-listing.ts';
import type { FoundResponse, KeptResponses } from './kept-responses.ts';
import { eventsNotFound, responseNotFound } from './not-found-errors.ts';
import { replayResponse } from '../output/replay-response.ts';
import { ResponseEvents } from '../output/response-events.ts';
import { responseNames } from '../input/response-names.ts';
import { generationOf } from '../output/response-id.ts';
import { responseObject } from '../output/response-object.ts';

interface OneResponse {
  Params: { id: string };
}

const flag = z.enum(['true', 'false', '1', '0']).optional();

const readQuery = z.object({
  stream: flag,
  starting_after: z
    .literal('-1', {
      error: 'is not supported, since events are merged as a client falls behind; read the stream from its start',
    })
    .optional(),
});

const listQuery = z.object({
  after: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(100).default(20),
  order: z.enum(['asc', 'desc']).default('desc'),
});

/** OpenAI's routes to read, cancel and delete kept responses. */
export function registerKeptResponseRoutes(
  app: FastifyInstance,
  responses: KeptResponses,
  { generations, slowConsumerMs, heartbeatMs }: GenerationSurfaceOptions,
): void {
  const find = async ({ params: { id }, caller: { owner } }: FastifyRequest<OneResponse>): Promise<FoundResponse> => {
    const found = await responses.find(owner, generationOf(id));
    if (!found) throw responseNotFound(id);
    return found;
  };

  app.get<OneResponse>('/v1/responses/:id', async (request, reply) => {
    const { stream } = parse(readQuery, request.query);
    const found = await find(request);
    if (stream === 'true' || stream === '1') return streamAgain(found, request, reply);
    return bodyOf(found);
  });

  app.get<OneResponse>('/v1/responses/:id/input_items', async (request) => {
    const { after, limit, order } = parse(listQuery, request.query);
    const { response } = await find(request);
    const items = order === 'asc' ? response.input : response.input.toReversed();
    const start = after === undefined ? 0 : items.findIndex(({ id }) => id === after) + 1;
    if (after !== undefined && start === 0) {
      throw fieldError({ path: ['after'], message: 'is no item of this response; send the last_id of a page' });
    }
    const page = items.slice(start, start + limit);
    return {
      object: 'list',
      data: page.map(listedItem),
      first_id: page[0]?.id ?? null,
      last_id: page.at(-1)?.id ?? null,
      has_more: start + limit < items.length,
    };
  });

  app.post<OneResponse>('/v1/responses/:id/cancel', async (request) => {
    const { generation, outcome } = await find(request);
    if (generation) {
      generation.cancel();
      await generation.over;
    } else if (outcome?.status !== 'cancelled') {
      throw new HeadwayError('invalid-request', 'Cannot cancel a response that has ended.');
    }
    return bodyOf(await find(request));
  });

  app.delete<OneResponse>('/v1/responses/:id', async (request) => {
    const { response } = await find(request);
    responses.forget(response.owner, response.head.id);
    generations.forget(response.head.id, request.caller);
    return { id: request.params.id, object: 'response', deleted: true };
  });

  async function streamAgain(
    { response }: FoundResponse,
    request: FastifyRequest<OneResponse>,
    reply: FastifyReply,
  ): Promise<FastifyReply> {
    const { head, request: asked, toolNames } = response;
    const view = await generationOfResponse(head.id, request).watch({
      signal: clientGone(reply.raw),
      connection: paceResponse(reply.raw, slowConsumerMs),
    });
    void reply.header('x-generation-id', head.id);
    const dialect = new ResponseEvents({
      head,
      request: asked,
      names: responseNames(),
      toolNames,
      progress: readProgressDialects(request.headers, asked.return_progress ?? false),
    });
    await streamGeneration(view, dialect, reply, {
      heartbeat: readHeartbeatKind(request.headers, 'comment'),
      heartbeatMs,
    });
    return reply;
  }

  function generationOfResponse(id: string, { caller, params }: FastifyRequest<OneResponse>): SharedGeneration {
    const generation = generations.peek(id, caller);
    if (!generation) throw eventsNotFound(params.id);
    return generation;
  }
}

async function bodyOf({ response, outcome, generation }: FoundResponse): Promise<object> {
  const { head, request, toolNames } = response;
  const state = outcome ?? (await soFar(generation));
  return responseObject(head, request, state);

  async function soFar(writing: SharedGeneration | null) {
    const { output } = writing
      ? await replayResponse(writing.past(), { id: head.id, names: responseNames(), toolNames })
      : { output: [] };
    return { status: 'in_progress' as const, output };
  }
}
