import type { GenerationEvent, PrefillEvent } from '@headway/protocol';
import { describe, expect, it } from 'vitest';

import type { UpstreamScript } from '../upstream-script.ts';
import { chat, fastClock, openRemote, phasesOf } from './open-remote.ts';

const long = 'A prompt of some length, every word of which is read. '.repeat(40);

function prefills(events: readonly GenerationEvent[]): PrefillEvent[] {
  return events.flatMap((event) => (event.type === 'prefill' && event.phase === 'prefill' ? [event] : []));
}

/** Servers that report how far they have read, and whether what they report is exact. */
const reporting: [string, UpstreamScript, { exact: boolean; options?: object }][] = [
  ['llama-server', { dialect: 'llama-server' }, { exact: true }],
  ['swiftlm', { dialect: 'swiftlm' }, { exact: true }],
  ['exo', { dialect: 'exo' }, { exact: false }],
  ['exo, first form', { dialect: 'exo', exo: { progress: 'event' } }, { exact: false }],
  ['mlx-lm', { dialect: 'mlx-lm' }, { exact: false }],
  ['lm-studio', { dialect: 'lm-studio' }, { exact: false }],
];

describe('progress of a prompt', () => {
  it.each(reporting)('is told as the server tells it: %s', async (_name, script, { exact }) => {
    await using pair = await openRemote({
      ...script,
      prefill: { batch: 64, msPerToken: 0.2 },
      decode: { msPerToken: 1 },
    });
    const events = await pair.ask(chat(long));
    const told = prefills(events);
    expect(told.length).toBeGreaterThanOrEqual(6);
    expect(told.every(({ estimated }) => estimated === !exact)).toBe(true);
    const [request] = (await pair.upstream.requests()).filter(({ tokensSent }) => tokensSent > 0);
    expect(request?.status).toBe(200);
    const done = events.at(-1);
    const counted = done?.type === 'done' ? done.usage.promptTotal : null;
    expect(exact ? counted : told.at(-1)?.total).toBe(told.at(-1)?.total);
    // Steps of about the same size: nothing comes at the end only.
    const shares = told.map(({ processed, total }) => (processed ?? 0) / (total ?? 1));
    expect(shares.filter((share) => share > 0.1 && share < 0.9).length).toBeGreaterThanOrEqual(4);
  });

  it.each(['exo', 'mlx-lm'] as const)('leaves out what the server had cached: %s', async (dialect) => {
    await using pair = await openRemote({ dialect, prefill: { batch: 32 } });
    await pair.ask(chat(long));
    const events = await pair.ask(chat(`${long} And much more of it: ${'new words. '.repeat(60)}`));
    const told = prefills(events);
    const done = events.at(-1);
    const counted = done?.type === 'done' ? done.usage : undefined;
    // The forecast of the cached part is what this engine has sent there before, in blocks of text.
    expect(told[0]?.cached).toBeGreaterThan(0.7 * (counted?.cachedTokens ?? 0));
    expect(told[0]?.cached).toBeLessThan(1.3 * (counted?.cachedTokens ?? 0));
    expect(told[0]?.total).toBeLessThan(1.3 * (counted?.promptTotal ?? 0));
  });

  it.each(['vllm', 'sglang', 'openai', 'ollama'] as const)(
    'is estimated where nothing is told: %s',
    async (dialect) => {
      const script: UpstreamScript = { dialect, prefill: { msPerToken: 0.2 }, cachesPrompts: false };
      await using pair = await openRemote(script, { clock: fastClock });
      for (let at = 0; at < 2; at++) await pair.ask(chat(`${at} ${long}`));
      const events = await pair.ask(chat(`2 ${long}`));
      expect(events.at(-1)).toMatchObject({ type: 'done' });
      const told = prefills(events);
      expect(told.every(({ estimated }) => estimated)).toBe(true);
      expect(told.length).toBeGreaterThanOrEqual(4);
      // Before the first token it is never whole.
      for (const { processed, total } of told.slice(0, -1)) expect(processed).toBeLessThan(total ?? 0);
    },
  );

  it('is estimated while a server that reports it is late, and goes on from there', async () => {
    const script: UpstreamScript = {
      dialect: 'swiftlm',
      faults: [{ does: 'wait', ms: 500 }],
      prefill: { batch: 128, msPerToken: 0.1 },
    };
    await using pair = await openRemote(script, { clock: fastClock });
    const told = prefills(await pair.ask(chat(long)));
    expect(told.length).toBeGreaterThan(4);
    expect(told.every(({ estimated }) => estimated)).toBe(true);
  });
});

describe('a wait before the prompt is read', () => {
  it.each(['vllm', 'sglang', 'llama-server'] as const)('in the queue of the server is told: %s', async (dialect) => {
    await using pair = await openRemote(
      {
        dialect,
        slots: 1,
        decode: { msPerToken: 10 },
        replies: [{ when: 'occupies', text: 'word '.repeat(40) }, { text: 'short' }],
      },
      { concurrency: 4 },
    );
    const first = pair.ask(chat('occupies the slot'));
    await pair.upstream.request(({ path }) => path.endsWith('/completions'));
    const events = await pair.ask(chat('waits'));
    expect(phasesOf(events)).toEqual(['queued', 'prefill']);
    const queued = events.filter((event) => event.type === 'prefill' && event.phase === 'queued');
    expect(queued.at(-1)).toMatchObject({ queuePosition: null });
    await first;
  });

  it.each(['lm-studio', 'ollama', 'llama-server'] as const)('for its model is told: %s', async (dialect) => {
    await using pair = await openRemote(
      {
        dialect,
        models: [{ id: 'late', loaded: false, loadMs: 300, loadSteps: 5 }],
        ...(dialect === 'llama-server' && { llamaServer: { router: true } }),
      },
      { model: 'late' },
    );
    const events = await pair.ask(chat(long));
    expect(phasesOf(events).filter((phase) => phase !== 'queued')).toEqual(['loading', 'prefill']);
    // Once it is in memory, nothing loads.
    expect(phasesOf(await pair.ask(chat(long)))).not.toContain('loading');
  });

  it('for its model is told also where LM Studio answers by its OpenAI API', async () => {
    await using pair = await openRemote({ dialect: 'lm-studio', models: [{ id: 'late', loaded: false, loadMs: 300 }] });
    const events = await pair.ask(chat('hello', { stop: ['never'] }));
    expect((await pair.upstream.requests()).map(({ path }) => path)).toContain('/v1/chat/completions');
    expect(phasesOf(events)).toEqual(['loading', 'prefill']);
  });
});

describe('LM Studio', () => {
  it.each([
    ['one message', chat('hello'), '/api/v1/chat'],
    [
      'a system message before it',
      {
        messages: [
          { role: 'system', content: 'Be kind.' },
          { role: 'user', content: 'hello' },
        ],
      },
      '/api/v1/chat',
    ],
    [
      'a second turn',
      {
        messages: [
          { role: 'user', content: 'a' },
          { role: 'assistant', content: 'b' },
          { role: 'user', content: 'c' },
        ],
      },
      '/v1/chat/completions',
    ],
    ['a stop text', chat('hello', { stop: ['x'] }), '/v1/chat/completions'],
    ['a seed', chat('hello', { seed: 1 }), '/v1/chat/completions'],
    ['tools', chat('hello', { tools: [{ name: 'f' }] }), '/v1/chat/completions'],
    ['a format', chat('hello', { responseFormat: { type: 'json' } }), '/v1/chat/completions'],
    ['a penalty', chat('hello', { presencePenalty: 1 }), '/v1/chat/completions'],
    ['raw text', { prompt: 'Once' }, '/v1/completions'],
  ] as const)('is asked by the API that can say it: %s', async (_name, request, path) => {
    await using pair = await openRemote({ dialect: 'lm-studio' });
    await pair.ask(structuredClone(request) as never);
    const sent = (await pair.upstream.requests()).filter(({ method }) => method === 'POST');
    expect(sent.map((one) => one.path)).toEqual([path]);
    const body = path === '/api/v1/chat' ? { input: 'hello', store: false } : {};
    expect(sent[0]?.body).toMatchObject({ ...body, stream: true });
  });
});
