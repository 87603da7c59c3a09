import { createEngine, remote } from '@headway/engine';
import type { ErrorEvent, GenerationEvent } from '@headway/protocol';
import { collect, textOf } from '@headway/protocol/testing';
import { describe, expect, it } from 'vitest';

import { startUpstream } from '../start-upstream.ts';
import { dialectNames, type DialectName, type Fault } from '../upstream-script.ts';
import { chat, openRemote } from './open-remote.ts';

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
  it.each(refusals)('a refusal is told in the words of the server: %s', async (_name, fault, expected, words) => {
    await using pair = await openRemote({ dialect, faults: [fault] });
    const error = errorOf(await collect(pair.engine.generate(chat('hello'))));
    expect(error).toMatchObject(expected);
    expect(error.message).toMatch(words);
    expect(error.message).not.toContain(String(pair.upstream.port));
  });

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
    if (name === 'an error of the server' && !silentErrors.includes(dialect)) {
      expect(errorOf(events).message).toContain('the GPU fell off');
    }
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
    await using pair = await openRemote({ dialect, faults: [full] });
    const events = await pair.ask(chat('hello'));
    expect(events.at(-1)).toMatchObject({ type: 'done' });
    expect(events.some((event) => event.type === 'prefill' && event.phase === 'queued')).toBe(true);
  });

  it('a cancel closes the connection of the server, before and after the first token', async () => {
    await using pair = await openRemote({
      dialect,
      replies: [{ text: 'word ', endless: true }],
      prefill: { batch: 8 },
      decode: { msPerToken: 2 },
      faults: [{ does: 'stall', at: { read: 0.5 }, when: 'stalls' }],
    });
    for (const [prompt, at] of [
      ['stalls for ever', 'prefill'],
      ['writes for ever', 'token'],
    ] as const) {
      const generation = pair.engine.generate(chat(prompt));
      const posted = pair.upstream.request(
        ({ body, path }) => JSON.stringify(body).includes(prompt) && path.includes('c'),
      );
      if (at === 'token') for await (const event of generation) if (event.type === 'token') break;
      const { index } = await posted;
      const since = performance.now();
      generation.cancel();
      const closed = await pair.upstream.request((one) => one.index === index && one.closedAfterMs !== null);
      const ms = performance.now() - since;
      expect(closed.aborted).toBe(true);
      // A bound that a busy machine holds; the time itself is for the reader of the log.
      expect(ms).toBeLessThan(2_000);
      if (process.env['HEADWAY_TIMES']) console.info(`${dialect}: closed ${ms.toFixed(1)} ms after a cancel in ${at}`);
    }
  });
});

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
