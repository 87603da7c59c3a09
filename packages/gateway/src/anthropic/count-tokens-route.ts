import type { Engine } from '@headway/engine';
import { isHeadwayError, parse } from '@headway/protocol';
import type { FastifyInstance } from 'fastify';

import { countTokensRequest, toGenerateInput } from './messages-request.ts';

/**
 * `POST /v1/messages/count_tokens`: how long the prompt is, by the model's own tokens and template. Nothing is written.
 * A prompt that is longer than the context is counted, too, unless it is so long that the engine gave up counting.
 */
export function registerCountTokensRoute(app: FastifyInstance, engine: Engine): void {
  app.post('/v1/messages/count_tokens', async ({ body, caller: { owner } }) => {
    const input = toGenerateInput(parse(countTokensRequest, body));
    try {
      const { tokens } = await engine.estimate(input, { owner });
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
