import {
  createEngine,
  createVirtualClock,
  scripted,
  type Engine,
  type EngineOptions,
  type ScriptedOptions,
  type VirtualClock,
} from '@headway/engine';
import { startGateway, type Gateway, type GatewayOptions } from '@headway/gateway';

import { demoPage } from './open-demo.ts';

export interface ScriptedDemo extends AsyncDisposable {
  clock: VirtualClock;
  engine: Engine;
  gateway: Gateway;
}

/** Starts a gateway over a scripted model whose clock the test advances. */
export async function startScriptedDemo(
  script: ScriptedOptions,
  options: Omit<EngineOptions, 'backend' | 'clock'> = {},
  gatewayOptions: Pick<GatewayOptions, 'apiKeys'> = {},
): Promise<ScriptedDemo> {
  const clock = createVirtualClock();
  const engine = await createEngine({ ...options, backend: scripted({ ...script, clock }), clock });
  const gateway = await startGateway({ ...gatewayOptions, engine, port: 0, page: demoPage });
  return {
    clock,
    engine,
    gateway,
    async [Symbol.asyncDispose]() {
      await gateway.close();
      // A running prefill ends with its chunk.
      const closed = engine.close();
      await clock.advance(60_000);
      await closed;
    },
  };
}

/** A text of `count` tokens for the scripted model, whose tokens are words. */
export function words(count: number): string {
  return Array.from({ length: count }, (_, at) => `word${at}`).join(' ');
}
