import { randomUUID } from 'node:crypto';

import type { Estimate, GenerateRequest, Status } from '@headway/protocol';

import { countOf, listedModels, ownedBy, type Probe } from '../../http/probe.ts';
import type { Dialect, DialectContext } from '../dialect.ts';
import { llamaServer } from '../llama-server.ts';
import { modelIds, openai } from '../openai.ts';
import { EventReader } from './event-reader.ts';

/**
 * Another Headway gateway. It is asked at `v1/generations` and answers with the events that this one writes, so nothing
 * is lost on the way: places in its queue, loading, waiting, exact progress, choices and the check of schemas.
 */
export const headway: Dialect = {
  ...openai,
  name: 'headway',
  reportsProgress: true,
  severalAnswers: true,
  tellsStopString: true,
  tellsSpans: true,
  refusesTokens: true,
  confirmsCancel: true,
  lacks: [],
  recognizes: (probe) => statusOf(probe)?.protocol === 1 || ownedBy(probe, 'headway'),
  describe: (probe, model) => {
    const models = statusOf(probe)?.models ?? [];
    const served = models.find(({ id }) => id === model) ?? models[0];
    return {
      models: modelIds(listedModels(probe), model),
      contextSize: countOf(served?.contextSize),
      slots: countOf(served?.slots),
    };
  },
  call: (request, context) => {
    const id = randomUUID();
    return {
      path: 'v1/generations',
      // Events that come too soon are held back here, where the time between them is known.
      body: { ...asked(request, context), id, progressIntervalMs: 0 },
      createReader: () => new EventReader(),
      // It lets a generation whose connection closes run on, as its client may come back.
      cancelPath: `v1/generations/${id}`,
    };
  },
  estimate: async (request, context, signal) => {
    const body = asked(request, context);
    const answer = (await context.json('trpc/estimate', { body, signal })) as { result: { data: Estimate } };
    return answer.result.data;
  },
  // A gateway has llama-server's endpoints for these.
  ...(llamaServer.tokenizer && { tokenizer: llamaServer.tokenizer }),
};

/** The request as it came, but for the model's name and what is about this gateway's own stream. */
function asked(request: GenerateRequest, { model }: DialectContext): object {
  return { ...request, model, id: undefined, lastEventId: undefined };
}

function statusOf({ headwayStatus }: Probe): Status | undefined {
  const answer = headwayStatus.status === 200 ? headwayStatus.json?.['result'] : undefined;
  return (answer as { data?: Status } | undefined)?.data;
}
