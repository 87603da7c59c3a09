import { parse } from '@headway/protocol';
import type { FastifyInstance } from 'fastify';

import { askedTextFormat } from '../formats/asked-format.ts';
import { refuseUnsupported } from '../formats/unsupported-parameters.ts';
import { registerGenerationSurface, type GenerationSurfaceOptions } from '../http/generation-surface.ts';
import { openAiCancelledBody, withFormatNames } from '../openai/openai-error.ts';
import { askedProgress } from '../progress/asked-progress.ts';
import { readRequest } from './read-request.ts';
import { responseBody } from './response-body.ts';
import { ResponseEvents } from './response-events.ts';
import { responseNames } from './response-field.ts';
import { responsesRequest } from './responses-request.ts';

/**
 * `POST /v1/responses`, streamed and not, for any client of OpenAI's API. It keeps nothing: each request brings its whole
 * conversation.
 */
export function registerResponsesRoute(app: FastifyInstance, options: GenerationSurfaceOptions): void {
  registerGenerationSurface(
    app,
    {
      url: '/v1/responses',
      fieldOf: (path, { fieldNames }) => fieldNames?.field(path) ?? path,
      cancelledBody: openAiCancelledBody,
      read(request) {
        request.fieldNames = responseNames();
        refuseUnsupported(request.body, 'responses');
        const asked = parse(responsesRequest, request.body);
        const { input, sources, tools, toolNames } = readRequest(asked);
        const { asked: format } = askedTextFormat(asked.text?.format);
        const names = (request.fieldNames = withFormatNames(responseNames(sources), format));
        const progress = askedProgress(request.headers, asked.return_progress ?? false);
        return {
          input,
          tools,
          dialect: asked.stream
            ? (head) => new ResponseEvents({ head, request: asked, names, toolNames, asked: progress })
            : null,
          body: (head, result) => responseBody(head, { request: asked, toolNames }, result),
        };
      },
    },
    options,
  );
}
