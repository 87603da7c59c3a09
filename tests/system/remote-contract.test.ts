import { createEngine, remote, scripted, type Engine, type UpstreamOptions } from '@headway/engine';
import { describeBackend, type ContractSubject } from '@headway/engine/testing';
import { startGateway } from '@headway/gateway';

/** Opens an engine whose only model is one that a gateway serves. It reads 4,096 tokens in a tenth of a second. */
async function openBefore(upstream: Omit<UpstreamOptions, 'url'>): Promise<Engine> {
  const backend = scripted({
    contextSize: 4096,
    maxChunk: 64,
    script: ({ seed = 0 }) => ({
      reply: Array.from({ length: 500 }, (_, at) => `a${seed}.${at}`).join(' '),
      prefillTokensPerSecond: 40_000,
      decodeTokensPerSecond: 1000,
    }),
  });
  const served = await createEngine({ backend, parallel: 2 });
  const gateway = await startGateway({ engine: served, port: 0 });
  const engine = await createEngine({ backend: remote({ upstreams: [{ url: `${gateway.url}/v1`, ...upstream }] }) });
  const closeEngine = engine.close.bind(engine);
  return Object.assign(engine, {
    async close() {
      await closeEngine();
      await gateway.close();
      await served.close();
    },
  });
}

const subject = (upstream: Omit<UpstreamOptions, 'url'>): ContractSubject => ({
  open: () => openBefore(upstream),
  text: (tokens, seed) => Array.from({ length: tokens }, (_, at) => `w${seed}.${at}`).join(' '),
  // What another process has sent before it hears of a cancel.
  lateEvents: 8,
});

describeBackend('remote, in front of Headway', subject({}));
describeBackend("remote, by OpenAI's API alone", subject({ type: 'openai', concurrency: 2 }));
