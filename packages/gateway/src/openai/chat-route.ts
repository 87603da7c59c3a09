import { parse } from '@headway/protocol';
import type { FastifyInstance } from 'fastify';

import { registerGenerationSurface, type GenerationSurfaceOptions } from '../http/generation-surface.ts';
import { ChatChunks } from './chat-chunks.ts';
import { chatField } from './chat-field.ts';
import { chatRequest, toGenerateInput, toolsOf } from './chat-request.ts';
import { readChunkOptions } from './chunk-options.ts';
import { chatCompletion } from './completion-parts.ts';
import { openAiCancelledBody } from './openai-error.ts';

/** `POST /v1/chat/completions`, streamed and not, for any client of OpenAI's API. */
export function registerChatRoute(app: FastifyInstance, options: GenerationSurfaceOptions): void {
  registerGenerationSurface(
    app,
    {
      url: '/v1/chat/completions',
      fieldOf: chatField,
      cancelledBody: openAiCancelledBody,
      read({ body, headers }) {
        const asked = parse(chatRequest, body);
        const chunks = readChunkOptions(asked, headers);
        return {
          input: toGenerateInput(asked),
          tools: toolsOf(asked),
          dialect: asked.stream ? (head) => new ChatChunks({ ...head, ...chunks }) : null,
          body: chatCompletion,
        };
      },
    },
    options,
  );
}
