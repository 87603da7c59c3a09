import { fork } from 'node:child_process';
import { once } from 'node:events';

import { createClient } from '@headway/client';
import { createEngine, remote } from '@headway/engine';
import { startGateway } from '@headway/gateway';

import { startCutProxy } from './cut-proxy.ts';
import type { GatewayOrder } from './scripted-gateway-process.ts';

/** The upstream's key, which only the gateway in front of it knows. */
export const upstreamKey = 'hw-key-of-the-upstream-5d1f7c';

/** A scripted gateway in its own process. */
export async function startUpstreamGateway() {
  const child = fork(new URL('./scripted-gateway-process.ts', import.meta.url), {
    execArgv: ['--import', import.meta.resolve('tsx'), '--conditions=@headway/source'],
  });
  child.send({ key: upstreamKey } satisfies GatewayOrder);
  const [url] = (await once(child, 'message')) as [string];
  const exited = once(child, 'exit');
  const kill = async () => {
    child.kill('SIGKILL');
    await exited;
  };
  return { url, kill, [Symbol.asyncDispose]: kill };
}

/**
 * A client, over a connection that a test can cut, of a gateway whose model another gateway runs; and a client of that
 * one. `received`: every byte that the first client got.
 */
export async function openChain() {
  const upstream = await startUpstreamGateway();
  const engine = await createEngine({ backend: remote({ upstreams: [{ url: upstream.url, key: upstreamKey }] }) });
  const gateway = await startGateway({ engine, port: 0 });
  const received: Buffer[] = [];
  const proxy = await startCutProxy(gateway.url, { onAnswer: (data) => received.push(data) });
  const client = createClient({ url: proxy.url });
  const direct = createClient({ url: upstream.url, apiKey: upstreamKey });
  return {
    upstream,
    engine,
    gateway,
    proxy,
    received,
    client,
    direct,
    async [Symbol.asyncDispose]() {
      await client.close();
      await direct.close();
      await proxy[Symbol.asyncDispose]();
      await gateway.close();
      await engine.close();
      await upstream.kill();
    },
  };
}
