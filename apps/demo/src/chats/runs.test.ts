import type { HeadwayClient } from '@headway/client';
import { sampleDone, sampleToken } from '@headway/protocol/testing';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';

import { createRuns } from './runs.ts';
import { FakeClient, FakeGateway, settled } from './tabs.fixture.ts';

beforeAll(() => {
  vi.stubGlobal('requestAnimationFrame', setImmediate);
  vi.stubGlobal('cancelAnimationFrame', clearImmediate);
});
afterAll(() => void vi.unstubAllGlobals());

function setUp() {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const gateway = new FakeGateway();
  const client = new FakeClient(gateway);
  const ends: string[] = [];
  const asks = { again: true };
  const runs = createRuns(client as unknown as HeadwayClient, {
    asksAgain: (_id, { error }) => asks.again && error?.code === 'generation-not-found',
    askAgainMs: 500,
    onEnd: (id, { state, error }) => ends.push(`${id} ${error?.code ?? state}`),
  });
  return { gateway, client, ends, asks, runs };
}

test('a generation is watched once, and tells its end once', async () => {
  const { gateway, client, ends, runs } = setUp();
  gateway.take('a');
  runs.watch('a');
  runs.watch('a');
  gateway.push('a', sampleToken(), sampleDone());
  await settled();
  expect([client.watched, ends, runs.get('a')]).toEqual([['a'], ['a done'], undefined]);
  expect(vi.getTimerCount()).toBe(0);
});

test('one that is not known yet is asked for again, until it is known or nobody asks any more', async () => {
  const { gateway, client, ends, asks, runs } = setUp();
  runs.watch('a');
  runs.watch('b');
  await settled();
  gateway.take('a');
  gateway.push('a', sampleToken());
  await vi.advanceTimersByTimeAsync(499);
  expect(client.watched).toEqual(['a', 'b']);
  asks.again = false;
  await vi.advanceTimersByTimeAsync(1);
  await settled();
  expect(client.watched).toEqual(['a', 'b', 'a', 'b']);
  expect([ends, runs.get('a')?.getState().text]).toEqual([['b generation-not-found'], 'a']);
  runs.close();
});

test('closing cancels what was started, leaves what is watched, and asks for nothing any more', async () => {
  const { gateway, client, ends, runs } = setUp();
  gateway.take('theirs');
  runs.start({ id: 'own', prompt: 'Hello' });
  runs.watch('theirs');
  runs.watch('unknown');
  await settled();
  runs.close();
  await vi.advanceTimersByTimeAsync(10_000);
  await settled();
  expect([client.watched, client.cancels]).toEqual([['theirs', 'unknown'], []]);
  expect(gateway.cancelled).toContain('own');
  expect([ends, runs.get('own'), vi.getTimerCount()]).toEqual([[], undefined, 0]);
});
