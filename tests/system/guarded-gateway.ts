import { createEngine, createVirtualClock, scripted, type Engine, type ScriptedOptions } from '@headway/engine';
import { createApiKey, startGateway, type Gateway, type GatewayOptions } from '@headway/gateway';

export interface GuardedGateway extends AsyncDisposable {
  engine: Engine;
  gateway: Gateway;
  url: string;
  /** A key of one holder, and one of another. */
  mine: string;
  theirs: string;
}

/** A prompt to which this model begins to answer and never ends. */
export const endless = 'endless';

/** A gateway that two people have keys to, over a model that does what its script says. */
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
