import type { Engine } from '@headway/engine';
import { parse } from '@headway/protocol';
import type { FastifyInstance } from 'fastify';

import { refuseUnsupported } from '../../surface/formats/unsupported-parameters.ts';
import { countPrompt } from '../../surface/count-prompt.ts';
import { LeftOutToolsReporter } from '../../surface/tools/report-left-out-tools.ts';
import { withToolPlaces } from '../../surface/field-names.ts';
import { anthropicNames } from './anthropic-names.ts';
import { countTokensRequest, toGenerateInput, toolsOf } from './request/messages-request.ts';

/** `POST /v1/messages/count_tokens`: the number of prompt tokens. */
export function registerCountTokensRoute(app: FastifyInstance, engine: Engine): void {
  const leftOut = new LeftOutToolsReporter();
  app.post('/v1/messages/count_tokens', async (request, reply) => {
    refuseUnsupported(request.body, 'messages');
    const asked = parse(countTokensRequest, request.body);
    const tools = toolsOf(asked);
    request.fieldNames = withToolPlaces(anthropicNames, tools);
    leftOut.report(request, reply, tools);
    return { input_tokens: await countPrompt(engine, toGenerateInput(asked), request.caller) };
  });
}
