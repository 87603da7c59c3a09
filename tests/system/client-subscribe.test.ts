import { createClient, HeadwayError, type GenerationCallbacks } from '@headway/client';
import { sampleDone, sampleError, samplePrefill, sampleSpan, sampleToken } from '@headway/protocol/testing';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';

import { Mailbox } from './mailbox.ts';
import { startPuppetGateway } from './puppet-gateway.ts';

type Call = { [Name in keyof GenerationCallbacks]-?: [Name, Parameters<NonNullable<GenerationCallbacks[Name]>>[0]] };

/** Callbacks that record their arguments. */
function recorder() {
  const calls = new Mailbox<Call[keyof Call]>();
  const callbacks: Required<Omit<GenerationCallbacks, 'onSummary'>> = {
    onPrefill: (event) => calls.put(['onPrefill', event]),
    onSpan: (event) => calls.put(['onSpan', event]),
    onToken: (event) => calls.put(['onToken', event]),
    onStall: (stalledMs) => calls.put(['onStall', stalledMs]),
    onDone: (result) => calls.put(['onDone', result]),
    onError: (event) => calls.put(['onError', event]),
  };
  return { calls, callbacks };
}

test('subscribe() calls the callback of each event, and onDone with the result', async () => {
  await using gateway = await startPuppetGateway();
  await using client = createClient({ url: gateway.url });
  const { calls, callbacks } = recorder();
  const { id } = client.generate.subscribe({ prompt: 'hi' }, callbacks);
  const puppet = await gateway.generations.take();
  expect(puppet.request.id).toBe(id);
  puppet.send(samplePrefill(), sampleSpan(), sampleToken({ text: 'Hel' }), sampleToken({ text: 'lo' }), sampleDone());
  puppet.end();
  expect(await calls.take()).toEqual(['onPrefill', samplePrefill()]);
  expect(await calls.take()).toEqual(['onSpan', sampleSpan()]);
  expect(await calls.take()).toEqual(['onToken', sampleToken({ text: 'Hel' })]);
  expect(await calls.take()).toEqual(['onToken', sampleToken({ text: 'lo' })]);
  const { finishReason, usage, timings } = sampleDone();
  expect(await calls.take()).toMatchObject(['onDone', { id, text: 'Hello', finishReason, usage, timings }]);
  expect(calls.size).toBe(0);
});

test('subscribe() calls onDone once, with all choices', async () => {
  await using gateway = await startPuppetGateway();
  await using client = createClient({ url: gateway.url });
  const { calls, callbacks } = recorder();
  client.generate.subscribe({ prompt: 'hi', choices: 2 }, callbacks);
  const puppet = await gateway.generations.take();
  puppet.send(sampleDone({ index: 1, remaining: 1 }), sampleDone({ index: 0 }));
  puppet.end();
  expect(await calls.take()).toMatchObject(['onDone', { choices: [{ index: 0 }, { index: 1 }] }]);
  expect(calls.size).toBe(0);
});

test('subscribe() calls onError once at the end when one of several choices fails', async () => {
  await using gateway = await startPuppetGateway();
  await using client = createClient({ url: gateway.url });
  const { calls, callbacks } = recorder();
  client.generate.subscribe({ prompt: 'hi', choices: 2 }, callbacks);
  const puppet = await gateway.generations.take();
  const failure = sampleError({ index: 1, remaining: 1, code: 'engine-crashed' });
  puppet.send(failure, sampleToken(), sampleDone({ index: 0 }));
  puppet.end();
  expect(await calls.take()).toEqual(['onToken', sampleToken()]);
  expect(await calls.take()).toEqual(['onError', failure]);
  expect(calls.size).toBe(0);
});

test('subscribe() calls onError for refusals and lost connections', async () => {
  const gateway = await startPuppetGateway();
  await using client = createClient({ url: gateway.url, reconnectTimeoutMs: 50 });
  const { calls, callbacks } = recorder();
  const { id } = client.generate.subscribe({ prompt: '' }, callbacks);
  expect(await calls.take()).toMatchObject(['onError', { type: 'error', id, code: 'invalid-request' }]);
  client.generate.subscribe({ prompt: 'hi' }, callbacks);
  await gateway.generations.take();
  await gateway[Symbol.asyncDispose]();
  expect(await calls.take()).toMatchObject(['onError', { type: 'error', code: 'connection-lost' }]);
  expect(calls.size).toBe(0);
});

test('subscribe() calls onStall while a generation stalls, until the next event', async () => {
  await using gateway = await startPuppetGateway();
  await using client = createClient({ url: gateway.url });
  const { calls, callbacks } = recorder();
  client.generate.subscribe({ prompt: 'hi' }, callbacks);
  const puppet = await gateway.generations.take();
  puppet.send(samplePrefill({ etaMs: 28_000 }));
  expect(await calls.take()).toMatchObject(['onPrefill', {}]);
  expect(await calls.take()).toEqual(['onStall', 2000]);
  puppet.send(sampleToken(), sampleDone());
  puppet.end();
  expect(await calls.take()).toMatchObject(['onToken', {}]);
  expect(await calls.take()).toMatchObject(['onDone', {}]);
});

test('unsubscribe() cancels the generation, and no callback runs afterwards', async () => {
  await using gateway = await startPuppetGateway();
  await using client = createClient({ url: gateway.url });
  const { calls, callbacks } = recorder();
  const subscription = client.generate.subscribe({ prompt: 'hi' }, callbacks);
  const puppet = await gateway.generations.take();
  puppet.send(sampleToken());
  await calls.take();
  subscription.unsubscribe();
  subscription.unsubscribe();
  const cancel = await gateway.cancels.take();
  puppet.send(sampleToken(), sampleDone({ finishReason: 'cancelled' }));
  puppet.end();
  cancel.answer(true);
  // A later response on the same socket shows that the earlier message has arrived.
  await client.models();
  expect(calls.size).toBe(0);
  expect(gateway.cancels.size).toBe(0);
});

describe('an error of a strict progress hook', () => {
  const unhandled = vi.fn();
  const strict = {
    progress: () => {
      throw new HeadwayError('queue-full', 'mine');
    },
    progressOptions: { strict: true },
  };

  beforeEach(() => {
    unhandled.mockReset();
    process.on('unhandledRejection', unhandled);
  });
  afterEach(() => void process.off('unhandledRejection', unhandled));

  test('reaches onError as internal, after the end', async () => {
    await using gateway = await startPuppetGateway();
    await using client = createClient({ url: gateway.url });
    const { calls, callbacks } = recorder();
    client.generate.subscribe({ prompt: 'hi' }, { ...callbacks, ...strict });
    const puppet = await gateway.generations.take();
    puppet.send(samplePrefill({ seq: 0 }), sampleDone({ seq: 1 }));
    puppet.end();
    expect(await calls.take()).toMatchObject(['onPrefill', {}]);
    const failure = { type: 'error', code: 'internal', message: 'mine', retryable: false, seq: 2, remaining: 0 };
    expect(await calls.take()).toMatchObject(['onError', failure]);
    await client.models();
    expect(calls.size).toBe(0);
    expect(unhandled).not.toHaveBeenCalled();
  });

  test('is dropped after unsubscribe()', async () => {
    await using gateway = await startPuppetGateway();
    await using client = createClient({ url: gateway.url });
    const { calls, callbacks } = recorder();
    const subscription = client.generate.subscribe({ prompt: 'hi' }, { ...callbacks, ...strict });
    const puppet = await gateway.generations.take();
    puppet.send(samplePrefill({ seq: 0 }));
    await calls.take();
    subscription.unsubscribe();
    (await gateway.cancels.take()).answer(true);
    puppet.send(sampleDone({ seq: 1 }));
    puppet.end();
    await client.models();
    expect(calls.size).toBe(0);
    expect(unhandled).not.toHaveBeenCalled();
  });
});

test('an aborted signal cancels, and onDone has finishReason cancelled', async () => {
  await using gateway = await startPuppetGateway();
  await using client = createClient({ url: gateway.url });
  const { calls, callbacks } = recorder();
  client.generate.subscribe({ prompt: 'hi' }, { ...callbacks, signal: AbortSignal.abort() });
  expect(await calls.take()).toMatchObject(['onDone', { finishReason: 'cancelled' }]);
});

test('an error of a callback is reported, and the stream goes on', async () => {
  // vitest fails on uncaught errors, so this test takes its place.
  const listeners = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  const uncaught = vi.fn();
  process.on('uncaughtException', uncaught);
  onTestFinished(() => {
    process.off('uncaughtException', uncaught);
    for (const listener of listeners) process.on('uncaughtException', listener);
  });

  await using gateway = await startPuppetGateway();
  await using client = createClient({ url: gateway.url });
  const { calls, callbacks } = recorder();
  const thrown = new Error('mine');
  const onToken = () => {
    throw thrown;
  };
  client.generate.subscribe({ prompt: 'hi' }, { ...callbacks, onToken });
  const puppet = await gateway.generations.take();
  puppet.send(sampleToken({ text: 'x' }), sampleToken({ text: 'y' }), sampleDone());
  puppet.end();
  expect(await calls.take()).toMatchObject(['onDone', { text: 'xy' }]);
  expect(uncaught.mock.calls.map(([error]) => error)).toEqual([thrown, thrown]);
});
