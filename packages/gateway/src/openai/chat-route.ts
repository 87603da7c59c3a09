import type { Engine } from '@headway/engine';
import { parse, type Generation } from '@headway/protocol';
import type { FastifyInstance, FastifyReply } from 'fastify';

import { clientGone } from '../http/client-gone.ts';
import { SseStream } from '../http/sse-stream.ts';
import { ChatChunks } from './chat-chunks.ts';
import { chatRequest, toGenerateInput } from './chat-request.ts';
import { chatCompletion } from './completion-parts.ts';

/** `POST /v1/chat/completions`, streamed and not, for any client of OpenAI's API. A client that hangs up cancels. */
export function registerChatRoute(app: FastifyInstance, engine: Engine): void {
  app.post('/v1/chat/completions', async ({ body, caller }, reply) => {
    const request = parse(chatRequest, body);
    const gone = clientGone(reply.raw);
    const generation = engine.generate(toGenerateInput(request), { signal: gone, owner: caller.owner });
    void reply.header('x-generation-id', generation.id);
    // Until here a failure has its own status; from here on it is an event.
    await generation.admitted;

    const head = {
      id: generation.id,
      model: await modelName(engine, request.model),
      created: Math.floor(Date.now() / 1000),
    };
    if (!request.stream) return chatCompletion(head, await generation.result());
    const chunks = new ChatChunks({
      ...head,
      includeUsage: request.stream_options?.include_usage ?? false,
      returnProgress: request.return_progress ?? false,
    });
    await streamChunks(generation, chunks, reply, gone);
    return reply;
  });
}

async function streamChunks(
  generation: Generation,
  chunks: ChatChunks,
  reply: FastifyReply,
  gone: AbortSignal,
): Promise<void> {
  const stream = new SseStream(reply);
  const events = generation[Symbol.asyncIterator]();
  const stop = () => void events.return?.();
  gone.addEventListener('abort', stop, { once: true });
  try {
    for (const chunk of chunks.opening()) await stream.send(JSON.stringify(chunk));
    let failed = false;
    for (;;) {
      const { done, value } = await events.next();
      if (done) break;
      failed = value.type === 'error';
      for (const chunk of chunks.of(value)) await stream.send(JSON.stringify(chunk));
    }
    if (!failed) await stream.send('[DONE]');
  } finally {
    stop();
    stream.end();
  }
}

/** What the model that answers is called, also when it was asked for as the default. */
async function modelName(engine: Engine, asked: string | null | undefined): Promise<string> {
  if (asked && asked !== 'default') return asked;
  const [first] = await engine.models();
  return first?.id ?? 'default';
}
