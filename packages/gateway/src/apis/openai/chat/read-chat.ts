import { parse, type GenerateInput } from '@headway/protocol';
import type { FastifyRequest } from 'fastify';

import { refuseUnsupported } from '../../../surface/formats/unsupported-parameters.ts';
import type { AskedTools } from '../../../surface/tools/asked-tools.ts';
import { chatRequest, toGenerateInput, toolsOf, type ChatRequest } from './chat-request.ts';
import { chatNames } from '../chat-names.ts';
import { withFormatNames } from '../../../surface/formats/asked-format.ts';
import { withToolPlaces, type FieldNames } from '../../../surface/field-names.ts';

export interface ReadChat {
  asked: ChatRequest;
  input: GenerateInput;
  tools: AskedTools;
  names: FieldNames;
}

/**
 * Reads a body of OpenAI's chat, for any route that takes one, and makes errors use OpenAI's names of the fields.
 *
 * @throws HeadwayError `invalid-request`, naming the field
 */
export function readChat(request: FastifyRequest): ReadChat {
  refuseUnsupported(request.body, 'chat');
  const asked = parse(chatRequest, request.body);
  const tools = toolsOf(asked);
  const names = withToolPlaces(withFormatNames(chatNames, asked.format), tools);
  request.fieldNames = names;
  return { asked, input: toGenerateInput(asked), tools, names };
}
