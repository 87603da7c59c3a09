import { fileURLToPath } from 'node:url';

import { createClient, type HeadwayClient } from '@headway/client';
import { createEngine, llama } from '@headway/engine';
import { startGateway, type GatewayOptions } from '@headway/gateway';

import { recordGenerations, type RecordedGeneration } from './recorded-engine.ts';

const embedded = fileURLToPath(import.meta.resolve('@headway/storyteller/storyteller.gguf'));

export interface RecordedGateway extends AsyncDisposable {
  url: string;
  /** What OpenAI's clients call the base URL. */
  baseURL: string;
  /** The name of the model, and the tokens of its context. */
  model: string;
  context: number;
  /** Every generation so far, the oldest first. */
  generations: readonly RecordedGeneration[];
  /** Looks at the gateway from outside. */
  headway: HeadwayClient;
}

export interface RecordedGatewayOptions extends Omit<GatewayOptions, 'engine' | 'port'> {
  /** A model's file. @default the embedded one */
  file?: string;
}

/** A gateway on a free port that keeps what its engine was asked. It reads on one thread, so that its texts repeat. */
export async function startRecorded({
  file = embedded,
  ...options
}: RecordedGatewayOptions = {}): Promise<RecordedGateway> {
  const backend = llama({ model: file, gpu: false, threads: 1 });
  const { engine, generations } = recordGenerations(await createEngine({ backend, parallel: 2 }));
  await engine.ready();
  const [model] = await engine.models();
  if (!model) throw new Error('the engine has no model');
  const gateway = await startGateway({ engine, port: 0, ...options });
  const headway = createClient({ url: gateway.url });
  return {
    url: gateway.url,
    baseURL: `${gateway.url}/v1`,
    model: model.id,
    context: model.contextSize ?? 0,
    generations,
    headway,
    async [Symbol.asyncDispose]() {
      await headway.close();
      await gateway.close();
      await engine.close();
    },
  };
}
