import { createEngine, remote } from '@headway/engine';
import type { ErrorEvent, GenerationEvent } from '@headway/protocol';
import { collect, textOf } from '@headway/protocol/testing';
import { afterAll, describe, expect, it } from 'vitest';

import { startUpstream } from '../start-upstream.ts';
import { dialectNames, type DialectName, type Fault } from '../upstream-script.ts';
import { soakScale } from '../../src/soak-scale.ts';
import { activeResources, leftOver } from '../../system/active-resources.ts';
import { chat, fastClock, openRemote } from './open-remote.ts';

function errorOf(events: readonly GenerationEvent[]): ErrorEvent {
  const last = events.at(-1);
  if (last?.type !== 'error') throw new Error(`no error at the end: ${JSON.stringify(last)}`);
  return last;
}

/** What goes wrong before an answer begins, and what the caller is told. */
const refusals: [string, Fault, Partial<ErrorEvent>, RegExp][] = [
  [
    '400',
    { does: 'refuse', status: 400, message: 'no such thing' },
    { code: 'invalid-request', retryable: false },
    /no such thing/,
  ],
  ['403', { does: 'refuse', status: 403 }, { code: 'upstream-failed', retryable: false }, /key/],
  [
    '404',
    { does: 'refuse', status: 404, message: 'not here' },
    { code: 'upstream-failed', retryable: false },
    /not here/,
  ],
  [
    '500',
    { does: 'refuse', status: 500, message: 'out of memory' },
    { code: 'upstream-failed', retryable: true },
    /out of memory/,
  ],
  ['502 of a proxy', { does: 'html', status: 502 }, { code: 'upstream-failed', retryable: true }, /HTTP 502/],
  ['500 as HTML', { does: 'html', status: 500 }, { code: 'upstream-failed', retryable: true }, /HTTP 500/],
  [
    'a redirect',
    { does: 'redirect', to: 'http://127.0.0.1:9/elsewhere' },
    { code: 'upstream-failed', retryable: false },
    /redirect/,
  ],
  [
    'a reset',
    { does: 'die', at: { before: 'headers' } },
    { code: 'upstream-failed', retryable: true },
    /closed the connection/,
  ],
];

/** Those that every dialect writes in its own way; the others are the same for all. */
const worded: readonly string[] = ['400', '404', '500'];

/** What goes wrong in mid-answer. */
const breaks: [string, Fault][] = [
  ['an error of the server', { does: 'error', at: { tokens: 3 }, message: 'the GPU fell off' }],
  ['a reset', { does: 'die', at: { tokens: 3 } }],
  ['an end in good order', { does: 'end', at: { tokens: 3 } }],
  ['broken JSON', { does: 'broken-json', at: { tokens: 3 } }],
];

/** What these servers send in mid-stream says nothing, so the end of the stream tells it. */
const silentErrors: readonly DialectName[] = ['swiftlm', 'mlx-lm'];

describe.each(dialectNames)('through %s', (dialect) => {
  it.each(refusals.filter(([name]) => dialect === 'vllm' || worded.includes(name)))(
    'a refusal is told in the words of the server: %s',
    async (_name, fault, expected, words) => {
      await using pair = await openRemote({ dialect, faults: [fault] });
      const error = errorOf(await collect(pair.engine.generate(chat('hello'))));
      expect(error).toMatchObject(expected);
      expect(error.message).toMatch(words);
      expect(error.message).not.toContain(String(pair.upstream.port));
    },
  );

  it.each(breaks)('a break keeps what came, and is no short answer: %s', async (name, fault) => {
    await using pair = await openRemote({
      dialect,
      replies: [{ text: 'one two three four five six' }],
      faults: [fault],
    });
    const events = await pair.ask(chat('hello'));
    expect(errorOf(events)).toMatchObject({ code: 'upstream-failed', retryable: true });
    expect(textOf(events)).toBe('one two three');
    expect(errorOf(events).usage.completionTokens).toBe(3);
    const hasWords = name === 'an error of the server' && !silentErrors.includes(dialect);
    expect(errorOf(events).message).toContain(hasWords ? 'the GPU fell off' : 'send the request again');
  });

  it('an answer without its end is none', async () => {
    await using pair = await openRemote({ dialect, faults: [{ does: 'no-finish' }] });
    const events = await pair.ask(chat('hello'));
    expect(errorOf(events).code).toBe('upstream-failed');
    expect(textOf(events)).toContain('The quick brown fox');
  });

  it('an answer with its end is whole without the last line', async () => {
    await using pair = await openRemote({ dialect, faults: [{ does: 'no-done' }] });
    const events = await pair.ask(chat('hello'));
    expect(events.at(-1)).toMatchObject({ type: 'done', finishReason: 'stop' });
  });

  it('a server that is full is asked again when it says', async () => {
    const full: Fault = { does: 'refuse', status: 429, retryAfterSeconds: 1, times: 1 };
    await using pair = await openRemote({ dialect, faults: [full] }, { clock: fastClock });
    expect((await pair.ask(chat('hello'))).at(-1)).toMatchObject({ type: 'done' });
    const answers = (await pair.upstream.requests()).filter(({ path }) => asksForAnswer(path));
    expect(answers.map(({ status }) => status)).toEqual([429, 200]);
  });

  it('a cancel closes the connection of the server, before and after the first token', async () => {
    await using pair = await openRemote({
      dialect,
      replies: [{ text: 'word ', endless: true }],
      prefill: { batch: 8 },
      decode: { msPerToken: 2 },
      faults: [{ does: 'stall', at: { read: 0.5 }, when: 'stalls' }],
    });
    for (const phase of ['prefill', 'token'] as const) {
      const prompt = phase === 'prefill' ? 'stalls for ever' : 'writes for ever';
      const generation = pair.engine.generate(chat(prompt));
      const { index } = await pair.upstream.request(({ body, path }) => asksForAnswer(path) && isAbout(body, prompt));
      if (phase === 'token') await firstToken(generation);
      const since = performance.now();
      void generation.cancel();
      const closed = await pair.upstream.request((one) => one.index === index && one.closedAfterMs !== null);
      const ms = performance.now() - since;
      closeTimes.push(ms);
      expect(closed.aborted).toBe(true);
      expect(ms).toBeLessThan(2_000);
      expect((await generation.result()).finishReason).toBe('cancelled');
    }
  });
});

const closeTimes: number[] = [];
afterAll(() => {
  const sorted = closeTimes.toSorted((one, other) => one - other);
  const [median = 0, most = 0] = [sorted[sorted.length >> 1], sorted.at(-1)];
  process.stdout.write(
    `a cancel closes the connection in ${median.toFixed(1)} ms (median), ${most.toFixed(1)} ms (most)\n`,
  );
});

/** Whether a path is one for answers, by any API. */
function asksForAnswer(path: string): boolean {
  return /\/(completions|chat|generate)$/.test(path);
}

describe('an engine that is closed', () => {
  it('leaves nothing open, whatever happened before', async () => {
    const dialects = ['ollama', 'llama-server', 'lm-studio'] as const;
    for (const dialect of dialects.slice(0, Math.ceil(3 * soakScale()))) {
      await using upstream = await startUpstream({
        dialect,
        replies: [{ text: 'word ', endless: true }],
        decode: { msPerToken: 1 },
        faults: [{ does: 'die', at: { tokens: 2 }, when: 'dies' }],
      });
      const before = activeResources();
      const engine = await createEngine({ backend: remote({ upstreams: [{ url: `${upstream.url}/v1` }] }) });
      await collect(engine.generate(chat('ends', { maxTokens: 3 })));
      await collect(engine.generate(chat('dies')));
      const cancelled = engine.generate(chat('is cancelled'));
      await firstToken(cancelled);
      void cancelled.cancel();
      await cancelled.result();
      // The process of the server ends in mid-answer, like `kill -9`.
      const killed: Promise<void>[] = [];
      const events = await collect(engine.generate(chat('is killed')), ({ type }) => {
        if (type === 'token' && killed.length === 0) killed.push(upstream.kill());
      });
      await Promise.all(killed);
      expect(errorOf(events)).toMatchObject({ code: 'upstream-failed', retryable: true });
      expect(textOf(events)).toMatch(/^(word ?)+$/);
      await engine.close();
      expect([dialect, ...(await leftOver(before))]).toEqual([dialect]);
    }
  });
});

/** Reads up to the first token, and leaves the generation running. */
async function firstToken(generation: AsyncIterable<GenerationEvent>): Promise<void> {
  const events = generation[Symbol.asyncIterator]();
  for (let next = await events.next(); !next.done && next.value.type !== 'token'; next = await events.next());
}

function isAbout(body: unknown, text: string): boolean {
  return (JSON.stringify(body) ?? '').includes(text);
}

/** Prompts that do not fit the context. */
describe('a prompt that is too long', () => {
  it.each(['openai', 'llama-server', 'vllm', 'sglang', 'lm-studio', 'ollama'] as const)(
    'is an overflow: %s',
    async (dialect) => {
      await using pair = await openRemote({ dialect, contextSize: 128 });
      // A stop text keeps LM Studio at its OpenAI API.
      const events = await collect(pair.engine.generate(chat('word '.repeat(400), { stop: ['never'] })));
      expect(errorOf(events)).toMatchObject({ code: 'context-overflow', retryable: false });
    },
  );
});

describe('a key', () => {
  it.each(['vllm', 'llama-server', 'sglang', 'lm-studio', 'swiftlm'] as const)(
    'that is wrong is told, and not shown: %s',
    async (dialect) => {
      await using upstream = await startUpstream({ dialect, apiKey: 'the-right-key' }, { ownProcess: false });
      const opened = createEngine({
        backend: remote({ upstreams: [{ url: `${upstream.url}/v1`, key: 'a-wrong-secret' }] }),
      }).then(async (engine) => {
        const events = await collect(engine.generate(chat('hello')));
        await engine.close();
        return errorOf(events).message;
      });
      const message = await opened.catch((error: unknown) => String(error));
      expect(message).toMatch(/key/);
      expect(message).not.toContain('a-wrong-secret');
      expect(message).not.toContain(String(upstream.port));
    },
  );
});
