import { createClient, type HeadwayClient } from '@headway/client';

import { startEmbedded, type EmbeddedGateway } from './clients/embedded-gateway.ts';
import { recordGenerations, type RecordedGeneration } from './recorded-engine.ts';

export interface RecordedGateway extends EmbeddedGateway {
  /** The name of the model, and the tokens of its context. */
  model: string;
  context: number;
  /** Every generation so far, the oldest first. */
  generations: readonly RecordedGeneration[];
  /** Looks at the gateway from outside. */
  headway: HeadwayClient;
}

/** A gateway over the embedded model that keeps what its engine was asked. */
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
