import type { Engine } from '@headway/engine';
import { isHeadwayError, parse } from '@headway/protocol';
import type { FastifyInstance } from 'fastify';

import { inRequestPlaces } from '../tools/asked-tools.ts';
import { LeftOutTeller } from '../tools/tell-left-out.ts';
import { countTokensRequest, toGenerateInput, toolsOf } from './messages-request.ts';

/**
 * `POST /v1/messages/count_tokens`: how long the prompt is, by the model's own tokens and template. Nothing is written.
 * A prompt that is longer than the context is counted, too, unless it is so long that the engine gave up counting.
 */
export function registerCountTokensRoute(app: FastifyInstance, engine: Engine): void {
  const leftOut = new LeftOutTeller();
  app.post('/v1/messages/count_tokens', async (request, reply) => {
    const { owner } = request.caller;
    const asked = parse(countTokensRequest, request.body);
    const input = toGenerateInput(asked);
    const asTold = toolsOf(asked);
    leftOut.tell(request, reply, asTold);
    try {
      const { tokens } = await inRequestPlaces(asTold, () => engine.estimate(input, { owner }));
      return { input_tokens: tokens };
    } catch (thrown) {
      const counted = countedBeyondContext(thrown);
      if (counted === null) throw thrown;
      return { input_tokens: counted };
    }
  });
}

function countedBeyondContext(thrown: unknown): number | null {
  if (!isHeadwayError(thrown) || thrown.code !== 'context-overflow') return null;
  const { promptTokens, atLeast } = thrown.cause as { promptTokens?: unknown; atLeast?: unknown };
  return typeof promptTokens === 'number' && atLeast !== true ? promptTokens : null;
}
