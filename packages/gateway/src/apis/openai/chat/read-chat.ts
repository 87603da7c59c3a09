import { parse, type GenerateInput } from '@headway/protocol';
import type { FastifyRequest } from 'fastify';

import { refuseUnsupported } from '../../../surface/formats/unsupported-parameters.ts';
import type { AskedTools } from '../../../surface/tools/asked-tools.ts';
import { chatRequest, toGenerateInput, toolsOf, type ChatRequest } from './chat-request.ts';
import { chatNames, withFormatNames } from '../openai-error.ts';

export interface ReadChat {
  asked: ChatRequest;
  input: GenerateInput;
  tools: AskedTools;
}

/**
 * Reads a body of OpenAI's chat, for any route that takes one, and makes errors use OpenAI's names of the fields.
 *
 * @throws HeadwayError `invalid-request`, naming the field
 */
export function readChat(request: FastifyRequest): ReadChat {
  refuseUnsupported(request.body, 'chat');
  const asked = parse(chatRequest, request.body);
  request.fieldNames = withFormatNames(chatNames, asked.format);
  return { asked, input: toGenerateInput(asked), tools: toolsOf(asked) };
}
