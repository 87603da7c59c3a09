import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';

import { createClient, type HeadwayClient } from '@headway/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { activeResources, leftOver } from '../../system/active-resources.ts';
import { startEmbedded, type EmbeddedGateway } from './embedded-gateway.ts';
import { LiveTimers } from './live-timers.ts';
import { comment, named, returnProgress, swiftLm, type ProgressDialect } from './progress-dialects.ts';
import { longQuestion } from './prompts.ts';
import { readSse, wholeRecords } from './sse-records.ts';

interface Left {
  id: string;
  /** Tokens of its prompt that were read when it disconnected. */
  processed: number;
}

let gateway: EmbeddedGateway;
let headway: HeadwayClient;
beforeAll(async () => {
  gateway = await startEmbedded({ parallel: 1 });
  headway = createClient({ url: gateway.url });
});
afterAll(async () => {
  await headway.close();
  await gateway[Symbol.asyncDispose]();
});

/** Sends a request, and disconnects once a part of the prompt is read. */
async function leaveInPrefill(dialect: ProgressDialect, content: string): Promise<Left> {
  const call = request(`${gateway.baseURL}/chat/completions`, {
    method: 'POST',
    agent: false,
    headers: { 'content-type': 'application/json', ...dialect.headers },
  });
  call.end(JSON.stringify({ messages: [{ role: 'user', content }], stream: true, max_tokens: 10, ...dialect.body }));
  const [response] = (await once(call, 'response')) as [IncomingMessage];
  let body = '';
  for await (const text of response.setEncoding('utf8')) {
    body += String(text);
    const last = readSse(wholeRecords(body)).flatMap((record) => dialect.read(record) ?? []);
    const { processed = 0 } = last.at(-1) ?? {};
    if (processed > 100) return { id: String(response.headers['x-generation-id']), processed };
  }
  throw new Error(`the stream ended before its prompt was read in part: ${body.slice(-500)}`);
}

describe.each([returnProgress, named, comment, swiftLm])(
  'a client that disconnects during prefill, in the dialect $name',
  (dialect) => {
    test('is cancelled before its prompt is read, and a queued request gets its slot', async () => {
      const content = longQuestion(`hang up in ${dialect.name}`, 5000);
      const { id, processed } = await leaveInPrefill(dialect, content);
      const next = headway.generate({ prompt: 'Once upon a time', maxTokens: 3 });
      expect((await next.result()).finishReason).toBe('length');

      await expect.poll(async () => (await headway.generations()).find((one) => one.id === id)?.state).toBe('ended');
      const left = (await headway.generations()).find((one) => one.id === id);
      expect(left?.outcome).toBe('cancelled');
      expect(left?.total).toBeGreaterThan(5000);
      expect(left?.processed).toBeGreaterThanOrEqual(processed);
      expect(left?.processed).toBeLessThan(left?.total ?? 0);
      expect(await gateway.engine.activity()).toMatchObject({ slots: { busy: 0 }, queued: 0 });
    });
  },
);

test('clients that disconnect leave no timer, socket or listener', async () => {
  // Everything that is created once exists by now.
  await leaveInPrefill(returnProgress, longQuestion('first', 5000));
  await expect.poll(() => gateway.engine.activity()).toMatchObject({ slots: { busy: 0 }, queued: 0 });
  const before = activeResources();
  const listeners = process.eventNames().map((name) => process.listenerCount(name));
  using timers = new LiveTimers();
  for (const dialect of [returnProgress, named, comment, swiftLm]) {
    await leaveInPrefill(dialect, longQuestion(`again in ${dialect.name}`, 5000));
    while ((await gateway.engine.activity()).slots.busy > 0) await new Promise((resolve) => setImmediate(resolve));
  }
  // The one timer by which the gateway forgets ended generations.
  expect(await timers.left(1)).toBeLessThanOrEqual(1);
  expect(await leftOver(before)).toEqual([]);
  expect(process.eventNames().map((name) => process.listenerCount(name))).toEqual(listeners);
});
