import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { request } from 'node:http';
import type { Socket } from 'node:net';

import type { ScriptedOptions } from '@headway/engine';
import type { GenerationInfo } from '@headway/protocol';
import { afterEach, describe, expect, test, vi } from 'vitest';

import { openScriptedGateway, reading, recordsOf, type SseRecord } from './scripted-gateway.fixture.ts';

const words = (count: number, word = 'word') => Array.from({ length: count }, (_, at) => `${word}${at}`).join(' ');

/** A script that writes two words, and stalls if the prompt asks for it. */
const script: ScriptedOptions['script'] = ({ prompt = '', messages = [] }) => {
  const text = prompt + JSON.stringify(messages);
  if (text.includes('stall-decode')) return { reply: 'a b', fault: { phase: 'decode', afterTokens: 1, does: 'stall' } };
  return text.includes('stall-prefill')
    ? { fault: { phase: 'prefill', afterTokens: 1000, does: 'stall' } }
    : { reply: 'all done' };
};

const surfaces = [
  {
    path: '/v1/chat/completions',
    object: 'chat.completion.chunk',
    // The scripted backend counts the role as a token.
    ask: (words: string) => ({ messages: [{ role: 'user', content: words }] }),
    roleTokens: 1,
  },
  { path: '/v1/completions', object: 'text_completion', ask: (prompt: string) => ({ prompt }), roleTokens: 0 },
];

interface Progress {
  total: number;
  cache: number;
  processed: number;
  queue_position?: number;
}

interface Chunk {
  choices: { text?: string; delta?: { content?: string | null } }[];
  prompt_progress?: Progress;
}

const chunksOf = (records: readonly SseRecord[]) =>
  records.filter(({ data }) => data !== '[DONE]').map(({ data }) => JSON.parse(data) as Chunk);
const textOf = (chunks: readonly Chunk[]) =>
  chunks.flatMap(({ choices }) => choices.map(({ text, delta }) => text ?? delta?.content ?? '')).join('');

/** Checks the rule for every dialect with token counts: from the cached tokens to all of them, never decreasing. */
function expectWhole(readings: readonly { read: number; total: number }[], { cached, total }: Record<string, number>) {
  expect(readings.length).toBeGreaterThanOrEqual(2);
  expect(readings[0]).toEqual({ read: cached, total });
  expect(readings.at(-1)).toEqual({ read: total, total });
  expect(readings.map(({ read }) => read)).toEqual(readings.map(({ read }) => read).toSorted((a, b) => a - b));
}

describe.each(surfaces)('$path', ({ path, object, ask, roleTokens }) => {
  const open = (parallel = 1) => openScriptedGateway({ script }, { parallel }, { heartbeatMs: 100_000 });
  const total = 2000 + roleTokens;

  test('sends no named event and no comment but heartbeats unless the client asks for progress', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    await using context = await open();
    // While the request is queued, in prefill, and in decode.
    const blocker = new AbortController();
    const blocking = await context.post(path, { ...ask('stall-decode'), stream: true }, { signal: blocker.signal });
    await reading(blocking).until(/"a"/);
    const { until } = reading(await context.post(path, { ...ask(words(2000)), stream: true }));
    await until(/: keep-alive\n/);
    vi.advanceTimersByTime(100_000);
    await until(/: keep-alive\n[^]*: keep-alive\n/);
    blocker.abort();
    const text = await until(/data: \[DONE\]\n\n$/);
    const lines = text.split('\n').filter((line) => line !== '');
    expect(lines.filter((line) => !line.startsWith('data: '))).toEqual([': keep-alive', ': keep-alive']);
    expect(text).not.toMatch(/event:|progress|queue|PrefillProgressChunk|generation_stats/);
    expect(lines.filter((line) => line.includes('"all"'))).toHaveLength(1);
  });

  test("sends llama.cpp's chunks with return_progress, also while queued", async () => {
    await using context = await open();
    const blocker = new AbortController();
    const blocking = await context.post(path, { ...ask('stall-decode'), stream: true }, { signal: blocker.signal });
    await reading(blocking).until(/"a"/);
    const asked = { ...ask(words(2000)), stream: true, return_progress: true };
    const waiting = [await context.post(path, asked), await context.post(path, asked)].map(reading);
    await waiting[0]?.until(/"queue_position":1[^0-9]/);
    await waiting[1]?.until(/"queue_position":2[^0-9]/);
    blocker.abort();
    for (const [at, { until }] of waiting.entries()) {
      const text = await until(/\[DONE\]\n\n$/);
      expect(text).not.toContain('event:');
      const chunks = [...text.matchAll(/^data: (\{.*\})$/gm)].map(([, json]) => JSON.parse(json ?? '') as Chunk);
      expect(textOf(chunks)).toBe('all done');
      const all = chunks.flatMap(({ prompt_progress: progress }) => progress ?? []);
      const queued = all.filter(({ queue_position: position }) => position !== undefined);
      expect(all.slice(0, queued.length)).toEqual(queued);
      expect(queued.map(({ queue_position: position }) => position)).toEqual(at === 0 ? [1] : [2, 1]);
      expect(queued.every(({ cache, processed }) => cache === processed)).toBe(true);
      const processing = all.slice(queued.length);
      // The second request finds the first one's tokens cached.
      const cached = at === 0 ? processing[0]?.cache : total - 1;
      expect(processing.every(({ cache }) => cache === cached)).toBe(true);
      expectWhole(
        processing.map((one) => ({ read: one.processed, total: one.total })),
        { cached: cached ?? -1, total },
      );
      const firstText = chunks.findIndex((chunk) => textOf([chunk]) !== '');
      expect(chunks.slice(firstText).some(({ prompt_progress: progress }) => progress)).toBe(false);
    }
  });

  test('sends chunks without choices, named prefill_progress, with X-Headway-Progress: named', async () => {
    await using context = await open();
    const response = await context.post(
      path,
      { ...ask(words(2000)), stream: true },
      { headers: { 'X-Headway-Progress': 'named' } },
    );
    const id = response.headers.get('x-generation-id');
    const records = await recordsOf(response);
    const named = records.filter(({ event }) => event === 'prefill_progress');
    expect(records.filter(({ event }) => event !== undefined)).toEqual(named);
    const events = named.map(({ data }) => JSON.parse(data) as { processed: number; total: number });
    for (const event of events) {
      expect(event).toMatchObject({
        id: expect.stringMatching(new RegExp(`cmpl-${id}$`)),
        object,
        created: expect.any(Number),
        model: 'scripted',
        choices: [],
        phase: 'prefill',
        queuePosition: null,
        cached: 0,
        total,
        command_id: id,
        processed_tokens: event.processed,
        total_tokens: total,
      });
    }
    expectWhole(
      events.map((one) => ({ read: one.processed, total: one.total })),
      { cached: 0, total },
    );
    expect(textOf(chunksOf(records))).toBe('all done');
    const firstText = records.findIndex(({ data }) => /"all"/.test(data));
    expect(records.slice(firstText).some(({ event }) => event !== undefined)).toBe(false);
  });

  test("sends exo's comments, and its statistics after the last chunk, with X-Headway-Progress: comment", async () => {
    await using context = await open();
    const response = await context.post(
      path,
      { ...ask(words(2000)), stream: true },
      { headers: { 'X-Headway-Progress': 'comment' } },
    );
    const text = await reading(response).until(/\[DONE\]\n\n$/);
    const comments = [...text.matchAll(/^: (\w+) (\{.*\})$/gm)].map(([, name, json]) => [name, JSON.parse(json ?? '')]);
    const readings = comments.slice(0, -1).map(([name, value]) => {
      expect(name).toBe('prefill_progress');
      const { model, processed_tokens: read, total_tokens: of } = value.PrefillProgressChunk;
      expect(model).toBe('scripted');
      return { read, total: of };
    });
    expectWhole(readings, { cached: 0, total });
    expect(comments.at(-1)).toEqual([
      'generation_stats',
      {
        prompt_tps: expect.closeTo(2000, -1),
        generation_tps: expect.any(Number),
        prompt_tokens: total,
        generation_tokens: 2,
        peak_memory_usage: null,
        prefix_cache_hit: 'none',
      },
    ]);
    expect(text).toMatch(/"finish_reason":"stop".*\n\n: generation_stats .*\ndata: \[DONE\]\n\n$/);
    expect(text).not.toContain('event:');
  });

  test("sends SwiftLM's short events with X-SwiftLM-Prefill-Progress", async () => {
    await using context = await open();
    const response = await context.post(
      path,
      { ...ask(words(2000)), stream: true },
      { headers: { 'X-SwiftLM-Prefill-Progress': ' On ' } },
    );
    const lean = (await recordsOf(response)).flatMap(({ event, data }) =>
      event === 'prefill_progress' ? (JSON.parse(data) as { n_past: number; n_prompt_tokens: number }) : [],
    );
    for (const event of lean) {
      expect(event).toEqual({
        status: 'processing',
        n_past: event.n_past,
        n_prompt_tokens: total,
        fraction: event.n_past / total,
        elapsed_seconds: expect.any(Number),
      });
    }
    expectWhole(
      lean.map((one) => ({ read: one.n_past, total: one.n_prompt_tokens })),
      { cached: 0, total },
    );
  });

  test('sends every progress dialect that the client asks for', async () => {
    await using context = await open();
    const headers = { 'X-Headway-Progress': 'named', 'X-SwiftLM-Prefill-Progress': '1' };
    const records = await recordsOf(
      await context.post(path, { ...ask(words(2000)), stream: true, return_progress: true }, { headers }),
    );
    const named = records.filter(({ event }) => event === 'prefill_progress');
    const lean = named.filter(({ data }) => data.includes('n_past'));
    const llama = records.filter(({ data }) => data.includes('prompt_progress'));
    expect(lean.length).toBeGreaterThanOrEqual(2);
    expect(named.length - lean.length).toBe(lean.length);
    expect(llama).toHaveLength(lean.length);
  });

  test('answers an unknown progress dialect with a 400 that names the header and its values', async () => {
    await using context = await open();
    const headers = { 'X-Headway-Progress': 'loud' };
    const response = await context.post(path, { ...ask('x'), stream: true }, { headers });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      error: { message: 'X-Headway-Progress: must be named or comment; send one of them, or none', param: null },
    });
    const silent = await context.post(
      path,
      { ...ask('x'), stream: true },
      { headers: { 'X-SwiftLM-Prefill-Progress': 'loud' } },
    );
    expect(await silent.text()).not.toContain('event:');
  });

  test('sends each of two concurrent requests its own totals', async () => {
    await using context = await open(2);
    const sizes = [3000, 700];
    const streams = await Promise.all(
      sizes.map((size, at) =>
        context.post(path, { ...ask(words(size, `w${at}-`)), stream: true, return_progress: true }),
      ),
    );
    const all = await Promise.all(streams.map(async (stream) => chunksOf(await recordsOf(stream))));
    for (const [at, chunks] of all.entries()) {
      const progress = chunks.flatMap((chunk) => chunk.prompt_progress ?? []);
      expectWhole(
        progress.map((one) => ({ read: one.processed, total: one.total })),
        { cached: 0, total: (sizes[at] ?? 0) + roleTokens },
      );
      expect(textOf(chunks)).toBe('all done');
    }
  });

  test('frees heartbeat, socket, viewer and slot when the client hangs up during prefill', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    await using context = await open();
    const accepted: Socket[] = [];
    const onSocket = (message: unknown) => accepted.push((message as { socket: Socket }).socket);
    subscribe('net.server.socket', onSocket);
    const call = request(`${context.gateway.url}${path}`, {
      method: 'POST',
      agent: false,
      headers: { 'content-type': 'application/json', 'x-headway-progress': 'named' },
    });
    const midway = new Promise<string>((resolve, reject) => {
      call.on('error', reject);
      call.on('response', (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => {
          text += part;
          if (/"processed":[1-9]/.test(text)) resolve(String(response.headers['x-generation-id']));
        });
        response.on('error', () => undefined);
      });
    });
    call.end(JSON.stringify({ ...ask(`stall-prefill ${words(2000)}`), stream: true }));
    const id = await midway;
    unsubscribe('net.server.socket', onSocket);
    expect(await context.engine.activity()).toMatchObject({ slots: { busy: 1 } });
    expect(vi.getTimerCount()).toBe(1);
    call.destroy();
    await expect.poll(() => context.engine.activity()).toMatchObject({ slots: { busy: 0 }, queued: 0 });
    await expect.poll(() => vi.getTimerCount()).toBe(0);
    expect(accepted).toHaveLength(1);
    await expect.poll(() => accepted.map(({ closed }) => closed)).toEqual([true]);
    const info = await fetch(`${context.gateway.url}/v1/generations/${id}`);
    expect((await info.json()) as GenerationInfo).toMatchObject({ state: 'ended', outcome: 'cancelled', viewers: 0 });
  });
});

afterEach(() => {
  vi.useRealTimers();
});
