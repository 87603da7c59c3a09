import { parse } from '@headway/protocol';
import type { FastifyInstance } from 'fastify';

import { refuseUnsupported } from '../../../surface/formats/unsupported-parameters.ts';
import { registerGenerationSurface, type GenerationSurfaceOptions } from '../../../surface/generation-surface.ts';
import { readChunkOptions } from '../chunk-options.ts';
import { ChunkStream } from '../chunk-stream.ts';
import { CompletionChunkFormat } from './completion-chunk-format.ts';
import { completionRequest, promptOf, toCompletionInput } from './completion-request.ts';
import { completionNames } from '../chat-names.ts';
import { withFormatNames } from '../../../surface/formats/asked-format.ts';
import { openAiCancelledBody } from '../openai-error.ts';
import { textCompletion } from './text-completion.ts';

/** `POST /v1/completions`, streamed and unstreamed, for clients that write the whole prompt themselves. */
export function registerCompletionRoute(app: FastifyInstance, options: GenerationSurfaceOptions): void {
  registerGenerationSurface(
    app,
    {
      url: '/v1/completions',
      cancelledBody: openAiCancelledBody,
      read(request) {
        const { body, headers } = request;
        refuseUnsupported(body, 'completions');
        const asked = parse(completionRequest, body);
        const chunks = readChunkOptions(asked, headers);
        const echo = asked.echo ? promptOf(asked) : '';
        const names = withFormatNames(completionNames, asked.format);
        return {
          input: toCompletionInput(asked),
          names,
          dialect: asked.stream
            ? (head) => new ChunkStream({ ...head, ...chunks, names }, new CompletionChunkFormat({ ...chunks, echo }))
            : null,
          body: (head, result) => textCompletion(head, result, echo),
        };
      },
    },
    options,
  );
}
