import { once } from 'node:events';

import { createEngine, scripted } from '@headway/engine';
import { startGateway } from '@headway/gateway';

/** What the parent sends first. */
export interface GatewayOrder {
  key: string;
}

// A gateway in a process of its own, which can be killed. It has two slots, reads 4,000 tokens a second and writes 100.
process.once('disconnect', () => process.exit());
const [{ key }] = (await once(process, 'message')) as [GatewayOrder];
const backend = scripted({
  maxChunk: 64,
  script: ({ seed = 0, responseFormat }) => ({
    reply: responseFormat ? '{"tag": "x"}' : Array.from({ length: 400 }, (_, at) => `a${seed}.${at}`).join(' '),
    reasoning: 'let me see',
    prefillTokensPerSecond: 4000,
  }),
});
const engine = await createEngine({ backend, parallel: 2 });
const gateway = await startGateway({ engine, port: 0, apiKeys: [key] });
process.send?.(gateway.url);
