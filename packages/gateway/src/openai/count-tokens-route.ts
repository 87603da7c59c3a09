import type { Engine } from '@headway/engine';
import { parse } from '@headway/protocol';
import type { FastifyInstance } from 'fastify';

import { countPrompt } from '../http/count-prompt.ts';
import { LeftOutTeller } from '../tools/tell-left-out.ts';
import { chatRequest, toGenerateInput, toolsOf } from './chat-request.ts';

/** llama.cpp's `POST /v1/chat/completions/input_tokens`: how long the prompt is, in the words of OpenAI's Responses. */
export function registerChatCountRoute(app: FastifyInstance, engine: Engine): void {
  const leftOut = new LeftOutTeller();
  app.post('/v1/chat/completions/input_tokens', async (request, reply) => {
    const asked = parse(chatRequest, request.body);
    const tools = toolsOf(asked);
    leftOut.tell(request, reply, tools);
    const tokens = await countPrompt(engine, toGenerateInput(asked), { tools, caller: request.caller });
    return { object: 'response.input_tokens', input_tokens: tokens };
  });
}
