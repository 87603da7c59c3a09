import { createClient } from '@headway/client';
import { createEngine, scripted } from '@headway/engine';
import { startGateway } from '@headway/gateway';
import { expect, test } from 'vitest';

import { startCutProxy } from './cut-proxy.ts';
import { openHome, startHeadway } from './run-headway.ts';

const reply = Array.from({ length: 200 }, (_, at) => `word${at}`).join(' ');

/** A gateway that writes `reply` in about four seconds, and a proxy in front of it that cuts connections. */
async function openCutGateway() {
  const script = { reply, decodeTokensPerSecond: 50 };
  const engine = await createEngine({ backend: scripted({ script }), parallel: 2 });
  const gateway = await startGateway({ engine, port: 0 });
  const proxy = await startCutProxy(gateway.url);
  return {
    engine,
    gateway,
    proxy,
    async [Symbol.asyncDispose]() {
      await proxy[Symbol.asyncDispose]();
      await gateway.close();
      await engine.close();
    },
  };
}

/** Starts `headway`, and calls `cut` up to three times, each after 100 more characters of output. */
function startAndCut(args: readonly string[], env: NodeJS.ProcessEnv, cut: () => void) {
  const { child, ended } = startHeadway(args, { env });
  let cuts = 0;
  let sinceCut = 0;
  child.stdout.on('data', (data: string) => {
    sinceCut += data.length;
    if (cuts === 3 || sinceCut < 100) return;
    cuts++;
    sinceCut = 0;
    cut();
  });
  return { child, ended };
}

test('headway run --url prints the whole answer when the connection drops three times', async () => {
  await using home = await openHome();
  await using open = await openCutGateway();
  const { ended } = startAndCut(['run', '--url', open.proxy.url, 'Count'], home.env, open.proxy.cut);
  expect(await ended).toEqual({ code: 0, stdout: reply, stderr: '' });
  expect(open.proxy.counts.connections).toBeGreaterThan(3);
});

test('headway watch prints the whole answer when the connection drops', async () => {
  await using home = await openHome();
  await using open = await openCutGateway();
  await using client = createClient({ url: open.gateway.url });
  const generation = client.generate({ prompt: 'Count', id: 'counting' });
  await generation.admitted;
  const { ended } = startAndCut(['watch', '--url', open.proxy.url, 'counting'], home.env, open.proxy.cut);
  expect(await ended).toEqual({ code: 0, stdout: reply, stderr: '' });
  expect(open.proxy.counts.connections).toBeGreaterThan(1);
  expect(await generation.text()).toBe(reply);
});

test('Ctrl-C ends headway run at once while its gateway is away', async () => {
  await using home = await openHome();
  await using open = await openCutGateway();
  const { child, ended } = startHeadway(['run', '--url', open.proxy.url, 'Count'], home);
  await new Promise((resolve) => child.stdout.once('data', resolve));
  const before = open.proxy.counts.connections;
  open.proxy.goDown();
  // The client has noticed once it asks for another connection.
  await expect.poll(() => open.proxy.counts.connections).toBeGreaterThan(before);
  const started = performance.now();
  child.kill('SIGINT');
  expect(await ended).toMatchObject({ code: 130, stderr: '' });
  // It would wait a minute for the gateway otherwise.
  expect(performance.now() - started).toBeLessThan(20_000);
});
