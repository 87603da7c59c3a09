import type { FastifyInstance } from 'fastify';

import { registerGenerationSurface, type GenerationSurfaceOptions } from '../../../surface/generation-surface.ts';
import { ChatChunkFormat } from './chat-chunk-format.ts';
import { ChunkStream } from '../chunk-stream.ts';
import { readChunkOptions } from '../chunk-options.ts';
import { chatCompletion } from '../completion-parts.ts';
import { openAiCancelledBody } from '../openai-error.ts';
import { readChat } from './read-chat.ts';

/** `POST /v1/chat/completions`, streamed and unstreamed, for clients of OpenAI's API. */
export function registerChatRoute(app: FastifyInstance, options: GenerationSurfaceOptions): void {
  registerGenerationSurface(
    app,
    {
      url: '/v1/chat/completions',
      cancelledBody: openAiCancelledBody,
      read(request) {
        const { asked, input, names, tools } = readChat(request);
        const chunks = readChunkOptions(asked, request.headers);
        return {
          input,
          names,
          tools,
          dialect: asked.stream
            ? (head) => new ChunkStream({ ...head, ...chunks, names }, new ChatChunkFormat(chunks))
            : null,
          body: chatCompletion,
        };
      },
    },
    options,
  );
}
