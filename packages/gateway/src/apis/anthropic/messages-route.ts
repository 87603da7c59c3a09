import { parse } from '@headway/protocol';
import type { FastifyInstance } from 'fastify';

import { refuseUnsupported } from '../../surface/formats/unsupported-parameters.ts';
import { registerGenerationSurface, type GenerationSurfaceOptions } from '../../surface/generation-surface.ts';
import { withToolPlaces } from '../../surface/field-names.ts';
import { readProgressDialects } from '../../progress/progress-dialects.ts';
import { anthropicCancelledBody } from './anthropic-error.ts';
import { anthropicNames } from './anthropic-names.ts';
import { MessageEvents } from './message-events.ts';
import { messageBody } from './message-parts.ts';
import { messagesRequest, thinkingShown, toGenerateInput, toolsOf } from './request/messages-request.ts';
import { refuseThread } from './request/refuse-thread.ts';

/** `POST /v1/messages`, streamed and unstreamed, for clients of Anthropic's API. */
export function registerMessagesRoute(app: FastifyInstance, options: GenerationSurfaceOptions): void {
  registerGenerationSurface(
    app,
    {
      url: '/v1/messages',
      // Anthropic's API has an event for heartbeats, and some of its clients count only events.
      heartbeat: 'data',
      cancelledBody: ({ id }) => anthropicCancelledBody(id),
      read({ body, headers, id: requestId }) {
        refuseThread(body);
        refuseUnsupported(body, 'messages');
        const asked = parse(messagesRequest, body);
        const thinking = thinkingShown(asked);
        const tools = toolsOf(asked);
        const names = withToolPlaces(anthropicNames, tools);
        const progress = readProgressDialects(headers, asked.return_progress ?? false);
        return {
          input: toGenerateInput(asked),
          names,
          tools,
          dialect: asked.stream ? (head) => new MessageEvents({ ...head, requestId, names, thinking, progress }) : null,
          body: (head, result) => messageBody(head, result, thinking),
        };
      },
    },
    options,
  );
}
