import { createEngine, remote, scripted, type Engine, type UpstreamOptions } from '@headway/engine';
import { describeBackend, type ContractSubject } from '@headway/engine/testing';
import { startGateway } from '@headway/gateway';

import { startUpstream } from '../upstreams/start-upstream.ts';

/** Opens an engine whose only model is one that a gateway serves. It reads 4,096 tokens in a quarter of a second. */
async function openBefore(upstream: Omit<UpstreamOptions, 'url'>): Promise<Engine> {
  const backend = scripted({
    contextSize: 4096,
    maxChunk: 64,
    script: ({ seed = 0 }) => ({
      reply: Array.from({ length: 500 }, (_, at) => `a${seed}.${at}`).join(' '),
      prefillTokensPerSecond: 15_000,
      decodeTokensPerSecond: 1000,
    }),
  });
  const served = await createEngine({ backend, parallel: 2 });
  const gateway = await startGateway({ engine: served, port: 0 });
  const engine = await createEngine({ backend: remote({ upstreams: [{ url: `${gateway.url}/v1`, ...upstream }] }) });
  return closingWith(engine, async () => {
    await gateway.close();
    await served.close();
  });
}

/** The same in front of a server process that speaks like llama-server, of tokens of four characters. */
async function openBeforeLlamaServer(): Promise<Engine> {
  const long = (name: string) => Array.from({ length: 500 }, (_, at) => ` ${name}${at}`);
  const upstream = await startUpstream({
    dialect: 'llama-server',
    slots: 2,
    prefill: { msPerToken: 0.06, batch: 64 },
    decode: { msPerToken: 1 },
    replies: [{ when: 'Tell me a story.', text: long('one'), others: [long('other')] }, { text: long('a') }],
  });
  const engine = await createEngine({ backend: remote({ upstreams: [{ url: `${upstream.url}/v1` }] }) });
  return closingWith(engine, async () => upstream[Symbol.asyncDispose]());
}

/** The engine, whose `close` closes its upstream, too. */
function closingWith(engine: Engine, closeUpstream: () => Promise<void>): Engine {
  const closeEngine = engine.close.bind(engine);
  const close = async () => {
    await closeEngine();
    await closeUpstream();
  };
  return Object.assign(engine, { close });
}

const subject = (upstream: Omit<UpstreamOptions, 'url'>): ContractSubject => ({
  open: () => openBefore(upstream),
  text: (tokens, seed) => Array.from({ length: tokens }, (_, at) => `w${seed}.${at}`).join(' '),
  // What another process has sent before it hears of a cancel.
  lateEvents: 8,
});

describeBackend('remote, in front of Headway', subject({}));
describeBackend('remote, in front of llama-server', {
  open: openBeforeLlamaServer,
  // Words of three characters.
  text: (tokens, seed) =>
    Array.from({ length: tokens }, (_, at) => (100 + ((at * 7 + seed * 131) % 900)).toString()).join(' '),
  lateEvents: 8,
});
describeBackend("remote, by OpenAI's API alone", subject({ type: 'openai', concurrency: 2 }));
