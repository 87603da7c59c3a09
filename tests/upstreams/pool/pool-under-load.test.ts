import { setTimeout as sleep } from 'node:timers/promises';

import { createClient } from '@headway/client';
import { createEngine, remote } from '@headway/engine';
import { startGateway } from '@headway/gateway';
import { invariantViolations } from '@headway/protocol/testing';
import { expect, test } from 'vitest';

import { soakScale } from '../../src/soak-scale.ts';
import { activeResources, leftOver } from '../../system/active-resources.ts';
import { startUpstream, type Upstream } from '../start-upstream.ts';
import type { DialectName, UpstreamScript } from '../upstream-script.ts';
import {
  answerTokens,
  createRequests,
  errorOf,
  sendAll,
  textSoFar,
  visitsTo,
  wholeAnswer,
  type PooledRequest,
  type Visit,
} from './pool-load.ts';

const count = Math.round(500 * soakScale());
const key = 'key-that-nobody-sees';
const silenceMs = 1_500;

/** A server that takes up to half a second to read a prompt, and up to a second to answer. */
const script = (dialect: DialectName): UpstreamScript => ({
  dialect,
  slots: 4,
  apiKey: key,
  prefill: { msPerToken: 1 },
  decode: { msPerToken: 25 },
  replies: [{ text: answerTokens }],
});

const hasText = ({ events }: PooledRequest) => events.some(({ type }) => type === 'token');
const troubles = /^(the connection to the upstream broke|the upstream (closed the connection|said nothing for \d+ s))/;
const isRead = ({ open, request }: Visit) => open && !hasText(request);
const isWritten = ({ open, request }: Visit) => open && hasText(request);

test(`a pool of three under load, one killed, one stalled, one drained: ${count} requests`, async () => {
  const before = activeResources();
  const requests = createRequests(count, 15);
  const seen: string[] = [];
  const addresses: string[] = [];
  {
    // The one that is killed, the one that stalls, and the one that is drained.
    const start = (dialect: DialectName) => startUpstream(script(dialect));
    const starting = [start('llama-server'), start('vllm'), start('llama-server')] as const;
    await using mortal = await starting[0];
    await using frozen = await starting[1];
    await using drained = await starting[2];
    const upstreams = { mortal, frozen, drained };
    addresses.push(...Object.values(upstreams).map(({ port }) => String(port)));
    const member = ([name, { url }]: [string, { url: string }]) => ({ name, url: `${url}/v1`, key, concurrency: 4 });
    const [first, ...others] = Object.entries(upstreams).map(member);
    if (!first) throw new Error('no upstream');
    const backend = remote({ upstreams: [first, ...others], silenceMs });
    await using engine = await createEngine({ backend });
    await using gateway = await startGateway({ engine, port: 0 });
    await using client = createClient({ url: gateway.url });
    const statusOf = async (name: string) => {
      const { models } = await client.status();
      seen.push(JSON.stringify(models));
      return models[0]?.remote?.upstreams.find((one) => one.name === name);
    };
    /** Sends this share of the requests. */
    let sent = 0;
    const send = (share: number) => {
      const from = sent;
      sent = Math.min(count, from + Math.round(share * count));
      return sendAll(client, requests.slice(from, sent), { atOnce: 24 });
    };
    const open = async (upstream: Upstream) => (await visitsTo(upstream, requests)).filter((visit) => visit.open);

    let sending = send(0.4);
    await until(async () => works(await open(mortal)));
    const atKill = await open(mortal);
    await mortal.kill();
    await sending;
    await until(async () => (await statusOf('mortal'))?.state === 'down');
    await using reborn = await startUpstream(script('llama-server'), { port: mortal.port, ownProcess: false });

    sending = send(0.3);
    await until(async () => works(await open(frozen)));
    await frozen.stop();
    const atStop = await open(frozen);
    await sending;
    expect(await statusOf('frozen')).toMatchObject({ running: 0 });
    frozen.resume();

    sending = send(0.2);
    await until(async () => works(await open(drained)));
    await backend.drain('drained');
    const atDrain = await visitsTo(drained, requests);
    expect(atDrain.filter((visit) => visit.open)).toEqual([]);
    expect(await statusOf('drained')).toMatchObject({ state: 'draining', running: 0 });
    await sending;
    expect(await visitsTo(drained, requests)).toHaveLength(atDrain.length);

    backend.resume('drained');
    await send(1);
    expect(requests.every(({ events }) => events.length > 0)).toBe(true);

    // Each stream has one end.
    for (const { events } of requests) expect(invariantViolations(events, { merged: true })).toEqual([]);
    const broken = requests.filter((request) => errorOf(request));
    const whole = requests.filter((request) => !errorOf(request));
    for (const request of whole) expect(textSoFar(request)).toBe(wholeAnswer(request));
    // Only one that had text when its upstream was killed or stalled broke, and it kept its text.
    const caught = [...atKill, ...atStop].map(({ request }) => request);
    for (const request of broken) {
      expect(caught).toContain(request);
      expect(errorOf(request)).toMatchObject({ code: 'upstream-failed', retryable: true });
      expect(errorOf(request)?.message).toMatch(troubles);
      expect(textSoFar(request)).not.toBe('');
      expect(wholeAnswer(request).startsWith(textSoFar(request))).toBe(true);
    }
    // Those without text went on elsewhere.
    const saved = caught.filter((request) => !errorOf(request));
    expect(saved.length).toBeGreaterThanOrEqual(2);
    expect(broken.length).toBeGreaterThanOrEqual(2);
    // The drained one broke nothing off, and got requests again later, as did the one that was started again.
    const toDrained = await visitsTo(drained, requests);
    expect(toDrained.filter(({ aborted }) => aborted)).toEqual([]);
    expect(toDrained.length).toBeGreaterThan(atDrain.length);
    expect(await visitsTo(reborn, requests)).not.toEqual([]);

    // Nothing is left running.
    expect(await engine.activity()).toMatchObject({ slots: { busy: 0 }, queued: 0 });
    const [model] = (await client.status()).models;
    for (const one of model?.remote?.upstreams ?? []) expect(one).toMatchObject({ running: 0, outstandingTokens: 0 });
    seen.push(JSON.stringify(model), JSON.stringify(requests.map(({ events }) => events)));
    await client.close();
    await gateway.close();
    await engine.close();
    for (const upstream of [frozen, drained, reborn]) await upstream.connectionsBecome(0);
    process.stdout.write(`pool: ${whole.length} whole, ${saved.length} of them saved, ${broken.length} broken\n`);
  }
  expect(await leftOver(before)).toEqual([]);
  for (const text of seen) for (const secret of ['127.0.0.1', 'localhost', key]) expect(text).not.toContain(secret);
  for (const port of addresses) for (const text of seen) expect(text).not.toMatch(new RegExp(`\\b${port}\\b`));
}, 120_000);

/** Whether it reads one prompt and writes another answer. */
const works = (visits: readonly Visit[]) => visits.some(isRead) && visits.some(isWritten);

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await sleep(5);
}
