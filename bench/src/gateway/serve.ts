// The gateway's process: a gateway on the scripted engine that reports its cost on request.
import { createEngine, scripted, type Backend } from '@headway/engine';
import { startGateway } from '@headway/gateway';

import { reportCost } from './report-cost.ts';
import { stamped, Steps } from './stamped-backend.ts';

/** Slots per model: the most that an engine opens. */
const slots = 64;
const [models, tokensPerSecond, longBytes] = process.argv.slice(2).map(Number) as [number, number, number];

const padding = 'x'.repeat(longBytes);
const steps = new Steps(1000 / tokensPerSecond);
const backend = (at: number): Backend =>
  stamped(
    scripted({
      modelId: `scripted-${at}`,
      contextSize: 1_000_000,
      script: { reply: 'word' },
    }),
    { steps, padding: (prompt) => (prompt === 'long' ? padding : '') },
  );
const [first, ...others] = Array.from({ length: models }, (_, at) => backend(at)) as [Backend, ...Backend[]];
const engine = await createEngine({ backend: [first, ...others], parallel: slots });
const gateway = await startGateway({
  engine,
  port: 0,
  limits: {
    generations: 100_000,
    subscriptions: 100_000,
    connectionsEach: 100_000,
    connections: 100_000,
    requests: 1e9,
  },
});

reportCost(gateway.url, async () => {
  await gateway.close();
  await engine.close();
});
