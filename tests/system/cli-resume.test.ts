import { createClient } from '@headway/client';
import { createEngine, createVirtualClock, scripted } from '@headway/engine';
import { startGateway } from '@headway/gateway';
import { expect, test } from 'vitest';

import { startCutProxy } from './cut-proxy.ts';
import { openHome, startHeadway } from './run-headway.ts';

const reply = Array.from({ length: 200 }, (_, at) => `word${at}`).join(' ');

/** A gateway that writes 50 words of `reply` a second of the test's clock, and a proxy in front of it that cuts connections. */
async function openCutGateway() {
  const clock = createVirtualClock();
  const script = { reply, decodeTokensPerSecond: 50 };
  const engine = await createEngine({ backend: scripted({ script, clock }), clock, parallel: 2 });
  const gateway = await startGateway({ engine, port: 0 });
  const proxy = await startCutProxy(gateway.url);
  return {
    clock,
    gateway,
    proxy,
    async [Symbol.asyncDispose]() {
      await proxy[Symbol.asyncDispose]();
      await gateway.close();
      await engine.close();
    },
  };
}

type CutGateway = Awaited<ReturnType<typeof openCutGateway>>;

/** Moves the clock, a word at a time, until the promise resolves. */
async function moveUntil<T>({ clock }: CutGateway, promise: Promise<T>): Promise<T> {
  const moving = setInterval(() => void clock.advance(20), 50);
  return promise.finally(() => clearInterval(moving));
}

/** Starts `headway`. Each piece of its output makes the model write 20 more words; the first three also cut the connection. */
function startAndCut(args: readonly string[], env: NodeJS.ProcessEnv, { clock, proxy }: CutGateway) {
  const { child, ended } = startHeadway(args, { env });
  const written = new Promise((resolve) => child.stdout.once('data', resolve));
  let cuts = 0;
  child.stdout.on('data', () => {
    if (cuts++ < 3) proxy.cut();
    void clock.advance(400);
  });
  return { written, ended };
}

test('headway run --url prints the whole answer when the connection drops three times', async () => {
  await using home = await openHome();
  await using open = await openCutGateway();
  const { written, ended } = startAndCut(['run', '--url', open.proxy.url, 'Count'], home.env, open);
  await moveUntil(open, written);
  expect(await ended).toEqual({ code: 0, stdout: reply, stderr: '' });
  expect(open.proxy.counts.connections).toBeGreaterThan(3);
});

test('headway watch prints the whole answer when the connection drops three times', async () => {
  await using home = await openHome();
  await using open = await openCutGateway();
  await using client = createClient({ url: open.gateway.url });
  const generation = client.generate({ prompt: 'Count', id: 'counting' });
  await moveUntil(open, generation.admitted);
  await open.clock.advance(400);
  const { ended } = startAndCut(['watch', '--url', open.proxy.url, 'counting'], home.env, open);
  expect(await ended).toEqual({ code: 0, stdout: reply, stderr: '' });
  expect(open.proxy.counts.connections).toBeGreaterThan(3);
  expect(await generation.text()).toBe(reply);
});

test('Ctrl-C ends headway run at once while its gateway is away', async () => {
  await using home = await openHome();
  await using open = await openCutGateway();
  const { child, ended } = startHeadway(['run', '--url', open.proxy.url, 'Count'], home);
  await moveUntil(open, new Promise((resolve) => child.stdout.once('data', resolve)));
  const before = open.proxy.counts.connections;
  open.proxy.goDown();
  // The client has noticed the loss once it opens another connection.
  await expect.poll(() => open.proxy.counts.connections, { timeout: 20_000 }).toBeGreaterThan(before);
  const started = performance.now();
  child.kill('SIGINT');
  expect(await ended).toMatchObject({ code: 130, stderr: '' });
  // Without the signal, the client would try for a minute.
  expect(performance.now() - started).toBeLessThan(30_000);
});
