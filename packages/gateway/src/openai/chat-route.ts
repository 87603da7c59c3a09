import { parse } from '@headway/protocol';
import type { FastifyInstance } from 'fastify';

import { askedFormat } from '../formats/asked-format.ts';
import { refuseUnsupported } from '../formats/unsupported-parameters.ts';
import { registerGenerationSurface, type GenerationSurfaceOptions } from '../http/generation-surface.ts';
import { ChatChunks } from './chat-chunks.ts';
import { chatRequest, toGenerateInput, toolsOf } from './chat-request.ts';
import { readChunkOptions } from './chunk-options.ts';
import { chatCompletion } from './completion-parts.ts';
import { chatNames, openAiCancelledBody, withFormatNames } from './openai-error.ts';

/** `POST /v1/chat/completions`, streamed and not, for any client of OpenAI's API. */
export function registerChatRoute(app: FastifyInstance, options: GenerationSurfaceOptions): void {
  registerGenerationSurface(
    app,
    {
      url: '/v1/chat/completions',
      fieldOf: (path, { fieldNames = chatNames }) => fieldNames.field(path),
      cancelledBody: openAiCancelledBody,
      read(request) {
        const { body, headers } = request;
        refuseUnsupported(body, 'chat');
        const asked = parse(chatRequest, body);
        request.fieldNames = withFormatNames(chatNames, askedFormat(asked).asked);
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
