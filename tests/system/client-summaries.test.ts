import { createClient, type GenerationEvent, type SummaryEvent } from '@headway/client';
import { openScriptedGateway } from '@headway/gateway/testing';
import { LiveGeneration } from '@headway/protocol';
import {
  collect,
  invariantViolations,
  sampleDone,
  sampleError,
  samplePrefill,
  sampleToken,
} from '@headway/protocol/testing';
import { describe, expect, test } from 'vitest';

import { Mailbox } from './mailbox.ts';
import { startPuppetGateway } from './puppet-gateway.ts';

type Seen = GenerationEvent | SummaryEvent;

/** A gateway whose engine writes four choices at once; the third one fails after two of its ten tokens. */
function openFourChoices() {
  let choice = 0;
  const reply = 'one two three four five six seven eight nine ten';
  const fault = { phase: 'decode', afterTokens: 2, does: 'fail' } as const;
  return openScriptedGateway({ script: () => ({ reply, fault: choice++ % 4 === 2 ? fault : null }) }, { parallel: 4 });
}

const four = { prompt: 'one two three', choices: 4, maxTokens: 20 };
const isSummary = (event: Seen): event is SummaryEvent => event.type === 'summary';
const isEvent = (event: Seen): event is GenerationEvent => event.type !== 'summary';
const statesOf = ({ answers }: SummaryEvent) => answers.map(({ state }) => state);

/** What the tokens before a place add up to, by choice. */
function writtenBefore(seen: readonly Seen[], place: number): number[] {
  const written = [0, 0, 0, 0];
  for (const event of seen.slice(0, place))
    if (event.type === 'token') written[event.index] = (written[event.index] ?? 0) + event.count;
  return written;
}

test.each(['websocket', 'http'] as const)(
  'summaries of four choices over %s tell the one that fails and leave the others, which go on to their ends',
  async (transport) => {
    await using scripted = await openFourChoices();
    await using client = createClient({ url: scripted.gateway.url, transport });
    const generation = client.generate(four, { summary: { everyMs: 0 } });
    const seen = await collect(generation);
    const events = seen.filter(isEvent);
    expect(invariantViolations(events, { maxTokens: 20 })).toEqual([]);
    expect(events.filter(({ type }) => type === 'error')).toMatchObject([{ index: 2 }]);

    const summaries = seen.filter(isSummary);
    expect(summaries[0] && statesOf(summaries[0])).toEqual(['prefill', 'prefill', 'prefill', 'prefill']);
    const failedAt = summaries.findIndex((summary) => statesOf(summary)[2] === 'error');
    expect(summaries[failedAt] && statesOf(summaries[failedAt])).toEqual(['decode', 'decode', 'error', 'decode']);
    expect(summaries.length - failedAt).toBeGreaterThan(20);

    const last = summaries.at(-1);
    expect(seen.indexOf(last as SummaryEvent)).toBe(seen.length - 2);
    expect(last?.answers).toMatchObject(
      [10, 10, 2, 10].map((completionTokens, index) => ({
        index,
        completionTokens,
        maxTokens: 20,
        state: index === 2 ? 'error' : 'done',
        outcome: index === 2 ? 'internal' : 'stop',
        tokensPerSecond: expect.any(Number),
      })),
    );
    expect(last?.tokensPerSecond).toBeNull();
  },
);

describe('summaries of four choices', () => {
  test('count the tokens before them, and add up the rates of the choices in decode', async () => {
    await using scripted = await openFourChoices();
    await using client = createClient({ url: scripted.gateway.url });
    const seen = await collect(client.generate(four, { summary: { everyMs: 0 } }));
    const rates: number[] = [];
    for (const [place, summary] of seen.entries()) {
      if (!isSummary(summary)) continue;
      expect(summary.answers.map(({ completionTokens }) => completionTokens)).toEqual(writtenBefore(seen, place));
      const writing = summary.answers.filter(({ state }) => state === 'decode');
      const sum = writing.reduce((total, { tokensPerSecond }) => total + (tokensPerSecond ?? 0), 0);
      expect(summary.tokensPerSecond ?? 0).toBeCloseTo(sum);
      rates.push(sum);
    }
    // The script writes 100 tokens a second in each choice.
    expect(Math.max(...rates)).toBeGreaterThan(300);
    expect(rates.at(-1)).toBe(0);
  });

  test('come for a watched generation, too, whose limit nobody knows', async () => {
    await using scripted = await openFourChoices();
    await using client = createClient({ url: scripted.gateway.url });
    const generation = client.generate(four);
    await collect(generation);
    const summaries = (await collect(client.watch(generation.id, { summary: true }))).filter(isSummary);
    expect(summaries.at(-1)?.answers).toMatchObject(
      [10, 10, 2, 10].map((completionTokens, index) => ({ index, completionTokens, maxTokens: null })),
    );
    expect(statesOf(summaries.at(-1) as SummaryEvent)).toEqual(['done', 'done', 'error', 'done']);
  });

  test('do not come without the option', async () => {
    await using scripted = await openFourChoices();
    await using client = createClient({ url: scripted.gateway.url });
    const generation = client.generate(four);
    // Not even wrapped: what nobody asked for costs nothing.
    expect(generation).toBeInstanceOf(LiveGeneration);
    expect((await collect<Seen>(generation)).filter(isSummary)).toEqual([]);
  });
});

test('summaries continue after a dropped socket, and count no token twice', async () => {
  await using gateway = await startPuppetGateway();
  await using client = createClient({ url: gateway.url });
  const generation = client.generate({ prompt: 'hi', choices: 2 }, { summary: { everyMs: 0 } });
  const before = await gateway.generations.take();
  const token = (seq: number, index: number, completionTokens: number) => sampleToken({ seq, index, completionTokens });
  before.send(samplePrefill({ processed: 10 }), token(1, 0, 1), token(2, 1, 1));
  const summaries: SummaryEvent[] = [];
  for await (const event of generation) {
    if (isSummary(event)) summaries.push(event);
    else if (event.seq === 2) {
      gateway.dropSockets();
      const after = await gateway.generations.take();
      after.send(
        token(2, 1, 1),
        token(3, 0, 2),
        sampleDone({ seq: 4, remaining: 1 }),
        sampleError({ seq: 5, index: 1 }),
      );
      after.end();
    }
  }
  const written = summaries.map(({ answers }) => answers.map(({ completionTokens }) => completionTokens));
  expect(written.slice(0, 4)).toEqual([
    [0, 0],
    [1, 0],
    [1, 1],
    [2, 1],
  ]);
  expect(summaries.at(-1) && statesOf(summaries.at(-1) as SummaryEvent)).toEqual(['done', 'error']);
  expect(gateway.upgrades).toHaveLength(2);
  expect(gateway.frames.join('\n')).not.toContain('summary');
});

describe('subscribe()', () => {
  const open = () => {
    const calls = new Mailbox<[name: string, states?: string[]]>();
    const callbacks = {
      onToken: () => calls.put(['onToken']),
      onSummary: (summary: SummaryEvent) => calls.put(['onSummary', statesOf(summary)]),
      onDone: () => calls.put(['onDone']),
      onError: () => calls.put(['onError']),
    };
    return { calls, callbacks };
  };

  test('calls onSummary with each summary, the last time before the end', async () => {
    await using gateway = await startPuppetGateway();
    await using client = createClient({ url: gateway.url });
    const { calls, callbacks } = open();
    client.generate.subscribe({ prompt: 'hi', choices: 2 }, callbacks);
    const puppet = await gateway.generations.take();
    puppet.send(sampleToken(), sampleDone({ remaining: 1 }), sampleDone({ index: 1 }));
    puppet.end();
    expect([await calls.take(), await calls.take(), await calls.take(), await calls.take()]).toEqual([
      ['onToken'],
      ['onSummary', ['decode', 'queued']],
      ['onSummary', ['done', 'done']],
      ['onDone'],
    ]);
    expect(calls.size).toBe(0);
  });

  test('calls onSummary no more after unsubscribe()', async () => {
    await using gateway = await startPuppetGateway();
    await using client = createClient({ url: gateway.url });
    const { calls, callbacks } = open();
    const subscription = client.generate.subscribe({ prompt: 'hi' }, { ...callbacks, summary: { everyMs: 0 } });
    const puppet = await gateway.generations.take();
    puppet.send(sampleToken());
    expect(await calls.take()).toEqual(['onToken']);
    expect(await calls.take()).toEqual(['onSummary', ['decode']]);
    subscription.unsubscribe();
    (await gateway.cancels.take()).answer(true);
    puppet.send(sampleToken({ seq: 2 }), sampleDone({ seq: 3, finishReason: 'cancelled' }));
    puppet.end();
    await client.models();
    expect(calls.size).toBe(0);
  });
});

test('a wrong summary option is refused by name, and nothing is sent', async () => {
  await using gateway = await startPuppetGateway();
  await using client = createClient({ url: gateway.url });
  const wrong = { summary: { everyMs: -1 } };
  for (const generation of [client.generate({ prompt: 'hi' }, wrong), client.watch('theirs', wrong)]) {
    expect(await collect(generation)).toMatchObject([
      { type: 'error', code: 'invalid-request', issues: [{ path: ['summary', 'everyMs'] }] },
    ]);
  }
  await client.models();
  expect(gateway.generations.size + gateway.watches.size).toBe(0);
});
