import type { Engine } from '@headway/engine';
import type { FastifyInstance } from 'fastify';

import { countPrompt } from '../../../surface/count-prompt.ts';
import { LeftOutToolsReporter } from '../../../surface/tools/report-left-out-tools.ts';
import { readChat } from '../chat/read-chat.ts';

/**
 * llama.cpp's `POST /v1/chat/completions/input_tokens`: the number of prompt tokens, in the format of OpenAI's
 * Responses.
 */
export function registerChatCountRoute(app: FastifyInstance, engine: Engine): void {
  const leftOut = new LeftOutToolsReporter();
  app.post('/v1/chat/completions/input_tokens', async (request, reply) => {
    const { input, tools } = readChat(request);
    leftOut.report(request, reply, tools);
    const tokens = await countPrompt(engine, input, request.caller);
    return { object: 'response.input_tokens', input_tokens: tokens };
  });
}
