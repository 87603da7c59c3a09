import { generateRequest, parse, toHeadwayError } from '@headway/protocol';
import type { FastifyInstance, FastifyReply } from 'fastify';

import type { GenerationRegistry } from '../generations/generation-registry.ts';
import type { GenerationView } from '../generations/generation-view.ts';
import { clientGone } from '../http/client-gone.ts';
import { paceResponse } from '../http/pace-response.ts';
import { SseStream } from '../http/sse-stream.ts';
import { ChatChunks } from './chat-chunks.ts';
import { chatRequest, toGenerateInput } from './chat-request.ts';
import { chatCompletion } from './completion-parts.ts';
import { openAiErrorBody } from './openai-error.ts';

export interface ChatRouteOptions {
  generations: GenerationRegistry;
  /** See `ConnectionPace`. */
  slowConsumerMs: number | undefined;
}

/**
 * `POST /v1/chat/completions`, streamed and not, for any client of OpenAI's API. A client that hangs up, or is closed as
 * a slow one, cancels, unless it sent `X-Headway-Resume: 1`: then it has the grace time to go on at
 * `/v1/generations/<X-Generation-Id>/events`.
 */
export function registerChatRoute(app: FastifyInstance, { generations, slowConsumerMs }: ChatRouteOptions): void {
  app.post('/v1/chat/completions', async (request, reply) => {
    const asked = parse(chatRequest, request.body);
    const { generation } = generations.open(parse(generateRequest, toGenerateInput(asked)), request.caller);
    void reply.header('x-generation-id', generation.id);
    const result = generation.result();
    // Whoever streams hears of a failure by its event.
    result.catch(() => undefined);
    const resumes = request.headers['x-headway-resume'] === '1';
    // Until here a failure has its own status; from here on it is an event.
    const view = await generation.own({
      signal: clientGone(reply.raw),
      connection: paceResponse(reply.raw, slowConsumerMs),
      leaving: () => (resumes ? 'dropped' : 'on-purpose'),
    });
    const { id, model, created } = generation;
    const head = { id, model, created: Math.floor(created / 1000) };
    if (!asked.stream) {
      try {
        return chatCompletion(head, await result);
      } finally {
        view.leave('on-purpose');
      }
    }
    const chunks = new ChatChunks({
      ...head,
      choices: asked.n ?? 1,
      includeUsage: asked.stream_options?.include_usage ?? false,
      returnProgress: asked.return_progress ?? false,
    });
    await streamChunks(view, chunks, reply);
    return reply;
  });
}

async function streamChunks(view: GenerationView, chunks: ChatChunks, reply: FastifyReply): Promise<void> {
  const stream = new SseStream(reply);
  const send = (chunk: object) => stream.send(JSON.stringify(chunk));
  try {
    chunks.opening().forEach(send);
    let failed = false;
    for await (const event of view) {
      failed = event.type === 'error';
      chunks.of(event).forEach(send);
      // OpenAI's clients give up all choices for one that failed.
      if (failed) break;
    }
    if (!failed) stream.send('[DONE]');
  } catch (thrown) {
    send(openAiErrorBody(toHeadwayError(thrown)));
  } finally {
    stream.end();
  }
}
