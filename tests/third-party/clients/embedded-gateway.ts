import { storytellerPath } from '@headway/storyteller';
import { createEngine, llama, type Engine } from '@headway/engine';
import { startGateway, type GatewayOptions } from '@headway/gateway';

export interface EmbeddedGateway extends AsyncDisposable {
  engine: Engine;
  url: string;
  /** What OpenAI's clients call the base URL. */
  baseURL: string;
}

export interface EmbeddedGatewayOptions extends Omit<GatewayOptions, 'engine' | 'port'> {
  parallel?: number;
  /** Stands between the engine and the gateway. @default nothing */
  around?: (engine: Engine) => Engine;
}

/** A gateway on a free port over the embedded model, on one thread, so that its texts repeat. */
export async function startEmbedded({
  parallel = 2,
  around = (engine) => engine,
  ...options
}: EmbeddedGatewayOptions = {}): Promise<EmbeddedGateway> {
  const engine = around(
    await createEngine({ backend: llama({ model: storytellerPath, gpu: false, threads: 1 }), parallel }),
  );
  const gateway = await startGateway({ engine, port: 0, ...options });
  return {
    engine,
    url: gateway.url,
    baseURL: `${gateway.url}/v1`,
    async [Symbol.asyncDispose]() {
      await gateway.close();
      await engine.close();
    },
  };
}
