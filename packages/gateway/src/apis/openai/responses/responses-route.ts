import type { Engine } from '@headway/engine';
import { parse } from '@headway/protocol';
import type { FastifyInstance, FastifyRequest } from 'fastify';

import { refuseUnsupported } from '../../../surface/formats/unsupported-parameters.ts';
import { countPrompt } from '../../../surface/count-prompt.ts';
import { registerGenerationSurface, type GenerationSurfaceOptions } from '../../../surface/generation-surface.ts';
import { openAiCancelledBody } from '../openai-error.ts';
import { withFormatNames } from '../../../surface/formats/asked-format.ts';
import { withToolPlaces } from '../../../surface/field-names.ts';
import { readProgressDialects } from '../../../progress/progress-dialects.ts';
import { LeftOutToolsReporter } from '../../../surface/tools/report-left-out-tools.ts';
import { resolveConversation } from './kept/resolve-conversation.ts';
import { inputItemId, keptItem } from './kept/item-pool.ts';
import { registerKeptResponseRoutes } from './kept/kept-response-routes.ts';
import { KeptResponses } from './kept/kept-responses.ts';
import { readRequest } from './input/read-request.ts';
import { responseBody } from './output/response-body.ts';
import { ResponseEvents } from './output/response-events.ts';
import { responseNames } from './input/response-names.ts';
import { responseOutcome } from './kept/response-outcome.ts';
import { responsesRequest } from './input/responses-request.ts';

/** `/v1/responses`, streamed and unstreamed, for clients of OpenAI's API. */
export function registerResponsesRoutes(
  app: FastifyInstance,
  { engine, ...options }: GenerationSurfaceOptions & { engine: Engine },
): void {
  const responses = new KeptResponses();
  const leftOut = new LeftOutToolsReporter();
  /** @throws HeadwayError `invalid-request`, and the errors of `resolveConversation` */
  const readWhole = async (request: FastifyRequest) => {
    refuseUnsupported(request.body, 'responses');
    const body = parse(responsesRequest, request.body);
    const { input: _, ...asked } = body;
    const entries = await resolveConversation(body, request.caller, responses);
    const whole = readRequest(asked, entries);
    const names = withToolPlaces(withFormatNames(responseNames(whole.sources), asked.format), whole.tools);
    return { ...whole, asked, entries, names };
  };
  app.addHook('onClose', async () => responses.close());
  registerKeptResponseRoutes(app, responses, options);
  app.post('/v1/responses/input_tokens', async (request, reply) => {
    const { input, names, tools } = await readWhole(request);
    request.fieldNames = names;
    leftOut.report(request, reply, tools);
    const tokens = await countPrompt(engine, input, request.caller);
    return { object: 'response.input_tokens', input_tokens: tokens };
  });
  registerGenerationSurface(
    app,
    {
      url: '/v1/responses',
      cancelledBody: openAiCancelledBody,
      async read(request) {
        const { asked, entries, input, tools, toolNames, names } = await readWhole(request);
        const progress = readProgressDialects(request.headers, asked.return_progress ?? false);
        const streamed = asked.stream === true;
        return {
          input,
          names,
          tools,
          started(generation, head) {
            if (asked.store === false) return;
            const { owner } = generation;
            const kept = entries.map(
              (entry, at) => entry.kept ?? keptItem(inputItemId(entry.item, head.id, at), entry.item),
            );
            const outcome = responseOutcome(generation, { id: head.id, names, toolNames, streamed });
            responses.keep({ owner, head, request: asked, toolNames, input: kept }, generation, outcome);
          },
          dialect: streamed ? (head) => new ResponseEvents({ head, request: asked, names, toolNames, progress }) : null,
          body: (head, result) => responseBody(head, { request: asked, toolNames }, result),
        };
      },
    },
    options,
  );
}
