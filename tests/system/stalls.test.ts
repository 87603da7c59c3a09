import { createClient, type ProgressSnapshot } from '@headway/client';
import { sampleDone, samplePrefill, sampleToken } from '@headway/protocol/testing';
import { expect, test } from 'vitest';

import { LiveTimers } from '../third-party/clients/live-timers.ts';
import { ctrlC, openTerminal } from './open-terminal.ts';
import { startPuppetGateway, type PuppetGateway } from './puppet-gateway.ts';
import { openHome } from './run-headway.ts';

const half = samplePrefill({ id: 'g', processed: 500, total: 1000, tokensPerSecond: 20, etaMs: 28_000 });

test.each([
  ['run', (url: string) => ['run', '--url', url, 'Hello'], (gateway: PuppetGateway) => gateway.generations],
  ['watch', (url: string) => ['watch', '--url', url, 'g'], (gateway: PuppetGateway) => gateway.watches],
] as const)('headway %s removes its time estimate when prefill stalls', async (_name, argsFor, streamsOf) => {
  await using home = await openHome();
  await using gateway = await startPuppetGateway();
  await using terminal = openTerminal({ args: argsFor(gateway.url), env: home.env, cwd: home.path });
  const puppet = await streamsOf(gateway).take();
  puppet.send(half);
  await terminal.shows('Reading 500 of 1,000 tokens (50 %), 28 s to go');
  expect(await terminal.shows(/no news for [23] s$/)).not.toContain('to go');
  await terminal.shows(/no news for [34] s$/);
  puppet.send(samplePrefill({ ...half, seq: 1, processed: 600, etaMs: 20_000 }));
  expect(await terminal.shows('20 s to go')).not.toContain('no news');
  puppet.send(samplePrefill({ seq: 2, processed: 1000, total: 1000 }), sampleToken({ seq: 3 }), sampleDone({ seq: 4 }));
  puppet.end();
  expect(await terminal.exitCode).toBe(0);
  expect(terminal.text()).not.toMatch(/to go|no news|[█░]/);
});

test('headway chat removes its time estimate when prefill stalls', async () => {
  await using home = await openHome();
  await using gateway = await startPuppetGateway();
  await using terminal = openTerminal({ args: ['chat', '--url', gateway.url], env: home.env, cwd: home.path });
  await terminal.shows(/>$/);
  terminal.type('Hello\r');
  const puppet = await gateway.generations.take();
  puppet.send(half);
  await terminal.shows('28 s to go');
  expect(await terminal.shows(/no news for \d s$/)).not.toContain('to go');
  terminal.type(ctrlC + ctrlC);
  expect(await terminal.exitCode).toBe(130);
});

test('stall detection leaves no timer, however a generation ends', async () => {
  await using gateway = await startPuppetGateway();
  using timers = new LiveTimers();
  const client = createClient({ url: gateway.url });
  /** A generation that has stalled, for a subscriber and for a hook. */
  const stall = async (prompt: string) => {
    let hooked!: () => void;
    const hookHeard = new Promise<void>((resolve) => (hooked = resolve));
    const progress = ({ stalledMs }: ProgressSnapshot) => void (stalledMs !== null && hooked());
    let ended!: () => void;
    const over = new Promise<void>((resolve) => (ended = resolve));
    const subscription = await new Promise<{ unsubscribe: () => void }>((resolve) => {
      const opened = client.generate.subscribe(
        { prompt },
        { progress, onStall: () => resolve(opened), onDone: () => ended(), onError: () => ended() },
      );
    });
    await hookHeard;
    return { subscription, over };
  };
  const prompts = ['done', 'failed', 'left', 'closed'];
  const stalling = prompts.map(stall);
  const puppets = [];
  for (const _ of prompts) {
    const puppet = await gateway.generations.take();
    puppet.send(half);
    puppets.push(puppet);
  }
  const [done, failed, left, closed] = await Promise.all(stalling);
  expect(await timers.left(Number.POSITIVE_INFINITY)).toBeGreaterThan(0);
  puppets[0]?.send(sampleDone());
  puppets[0]?.end();
  puppets[1]?.end();
  left?.subscription.unsubscribe();
  (await gateway.cancels.take()).answer(false);
  await Promise.all([done?.over, failed?.over]);
  await client.close();
  await closed?.over;
  expect(await timers.left(0)).toBe(0);
});
