import { createClient, type HeadwayClient } from '@headway/client';

import { startEmbedded, type EmbeddedGateway } from './clients/embedded-gateway.ts';
import { recordGenerations, type RecordedGeneration } from './recorded-engine.ts';

export interface RecordedGateway extends EmbeddedGateway {
  /** The id of the model, and its context size in tokens. */
  model: string;
  context: number;
  /** All generations so far, the oldest first. */
  generations: readonly RecordedGeneration[];
  /** A client that inspects the gateway. */
  headway: HeadwayClient;
}

/** A gateway over the embedded model whose engine records its requests. */
export async function startRecorded(): Promise<RecordedGateway> {
  let generations: readonly RecordedGeneration[] = [];
  const gateway = await startEmbedded({
    around: (engine) => {
      const recorded = recordGenerations(engine);
      generations = recorded.generations;
      return recorded.engine;
    },
  });
  await gateway.engine.ready();
  const [model] = await gateway.engine.models();
  const headway = createClient({ url: gateway.url });
  return {
    ...gateway,
    model: model?.id ?? '',
    context: model?.contextSize ?? 0,
    generations,
    headway,
    async [Symbol.asyncDispose]() {
      await headway.close();
      await gateway[Symbol.asyncDispose]();
    },
  };
}
