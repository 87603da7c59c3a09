import { createEngine, createVirtualClock, scripted, type Engine, type ScriptedOptions } from '@headway/engine';
import { createApiKey, startGateway, type Gateway, type GatewayOptions } from '@headway/gateway';

export interface GuardedGateway extends AsyncDisposable {
  engine: Engine;
  gateway: Gateway;
  url: string;
  /** Keys of two owners. */
  mine: string;
  theirs: string;
}

/** A prompt whose generation this model never ends. */
export const endless = 'endless';

/** Starts a gateway with two keys over a scripted model. */
export async function startGuarded(
  options: Partial<GatewayOptions> = {},
  script: ScriptedOptions = {},
): Promise<GuardedGateway> {
  const clock = createVirtualClock({ auto: true });
  const engine = await createEngine({
    backend: scripted({
      clock,
      script: (request) => ({
        reply: 'one two three',
        fault: JSON.stringify(request).includes(endless) ? { phase: 'decode', afterTokens: 1, does: 'stall' } : null,
      }),
      ...script,
    }),
    clock,
    parallel: 4,
  });
  const [mine, theirs] = [createApiKey(), createApiKey()];
  const gateway = await startGateway({ engine, port: 0, apiKeys: [mine, theirs], ...options });
  return {
    engine,
    gateway,
    url: gateway.url,
    mine,
    theirs,
    async [Symbol.asyncDispose]() {
      await gateway.close();
      await engine.close();
    },
  };
}
