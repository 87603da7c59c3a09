import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { describe, expect, it } from 'vitest';

import { startUpstream, type Upstream } from './start-upstream.ts';
import { dialectNames, type DialectName, type UpstreamScript } from './upstream-script.ts';

function start(script: UpstreamScript): Promise<Upstream> {
  return startUpstream(script, { ownProcess: false });
}

async function get(upstream: Upstream, path: string): Promise<{ status: number; json: never; text: string }> {
  const response = await fetch(`${upstream.url}${path}`);
  const text = await response.text();
  let json: unknown = null;
  try {
    json = JSON.parse(text);
  } catch {
    // Not all is JSON.
  }
  return { status: response.status, json: json as never, text };
}

function post(upstream: Upstream, path: string, body: object, init: RequestInit = {}): Promise<Response> {
  return fetch(`${upstream.url}${path}`, { method: 'POST', body: JSON.stringify(body), ...init });
}

function chat(content: string, more: object = {}) {
  return { model: 'test-model', stream: true, messages: [{ role: 'user', content }], ...more };
}

/** The events and comments of a stream. */
async function eventsOf(response: Response): Promise<{ events: EventSourceMessage[]; comments: string[] }> {
  const events: EventSourceMessage[] = [];
  const comments: string[] = [];
  const parser = createParser({ onEvent: (event) => events.push(event), onComment: (text) => comments.push(text) });
  parser.feed(await response.text());
  return { events, comments };
}

const long = 'A prompt of some length. '.repeat(10);

describe('an upstream', () => {
  it('works on so many requests at a time, and tells its queue', async () => {
    await using upstream = await start({
      dialect: 'vllm',
      slots: 1,
      others: { waiting: 2 },
      faults: [{ does: 'stall', at: { tokens: 1 }, times: 1 }],
    });
    const leave = new AbortController();
    const first = await post(upstream, '/v1/chat/completions', chat('one'), { signal: leave.signal });
    const second = post(upstream, '/v1/chat/completions', chat('two'));
    // vLLM answers before the request has its turn.
    await upstream.request(({ index, status }) => index === 1 && status === 200);
    const { text } = await get(upstream, '/metrics');
    expect(text).toContain('vllm:num_requests_running{engine="0",model_name="test-model"} 1.0\n');
    expect(text).toContain('vllm:num_requests_waiting{engine="0",model_name="test-model"} 3.0\n');
    leave.abort();
    await expect(first.text()).rejects.toThrow();
    expect(await (await second).text()).toContain('[DONE]');
  });

  it('reads only what no earlier prompt began with', async () => {
    await using upstream = await start({ dialect: 'llama-server' });
    const counts = async (content: string) => {
      const { events } = await eventsOf(await post(upstream, '/v1/chat/completions', chat(content)));
      const last = JSON.parse(events.at(-2)?.data ?? '') as { timings: { cache_n: number; prompt_n: number } };
      return [last.timings.cache_n, last.timings.prompt_n];
    };
    const [, whole = 0] = await counts(long);
    expect(await counts(long)).toEqual([whole - 1, 1]);
    const [cached = 0, read = 0] = await counts(`${long} And more of it, ${'at last. '.repeat(5)}`);
    expect(cached).toBeGreaterThan(whole / 2);
    expect(read).toBeGreaterThan(5);
  });

  it('spends more on later tokens, and more with neighbours', async () => {
    /** Times and sizes of prompts that are read at the same time. */
    const read = async (script: Partial<UpstreamScript>, prompts: number) => {
      await using upstream = await start({ dialect: 'llama-server', cachesPrompts: false, ...script });
      const answers = Array.from({ length: prompts }, async () => {
        const body = chat(long, { stream: false, max_tokens: 1 });
        const answer = await (await post(upstream, '/v1/chat/completions', body)).json();
        return (answer as { timings: { prompt_ms: number; prompt_n: number } }).timings;
      });
      const timings = await Promise.all(answers);
      return { ms: Math.max(...timings.map((one) => one.prompt_ms)), tokens: timings[0]?.prompt_n ?? 0 };
    };
    // Timers are never early by more than a millisecond, and late as much as the machine likes.
    const growing = await read({ prefill: { msPerToken: 0.2, msPer1000Before: 20, batch: 8 } }, 1);
    const cost = growing.tokens * (0.2 + (0.02 * (growing.tokens - 1)) / 2);
    expect(cost).toBeGreaterThan(3 * 0.2 * growing.tokens);
    expect(growing.ms).toBeGreaterThan(cost - 2);
    const shared = await read({ prefill: { msPerToken: 0.4, batch: 8 }, sharedProcessor: true }, 3);
    expect(shared.ms).toBeGreaterThan(2 * 0.4 * shared.tokens);
  });

  it('tells the closing of a connection, and when it came', async () => {
    await using upstream = await start({ dialect: 'vllm', prefill: { msPerToken: 10_000 } });
    const leave = new AbortController();
    await post(upstream, '/v1/chat/completions', chat('one'), { signal: leave.signal });
    leave.abort();
    const record = await upstream.request(({ aborted }) => aborted === true);
    expect(record).toMatchObject({ tokensSent: 0, body: { model: 'test-model' } });
    await upstream.connectionsBecome(0);
    expect(await upstream.connections()).toBe(0);
  });

  it('behaves otherwise once its script changes', async () => {
    await using upstream = await start({ dialect: 'openai' });
    await upstream.change({ apiKey: 'secret', replies: [{ text: 'changed' }] });
    expect((await post(upstream, '/v1/chat/completions', chat('one'))).status).toBe(401);
    const headers = { authorization: 'Bearer secret' };
    expect(await (await post(upstream, '/v1/chat/completions', chat('one'), { headers })).text()).toContain('changed');
  });

  it('ends at a stop text, and at its limit', async () => {
    await using upstream = await start({ dialect: 'openai', replies: [{ text: 'one two three', endless: true }] });
    const ask = async (more: object) => {
      const response = await post(upstream, '/v1/completions', { model: 'test-model', prompt: 'x', ...more });
      const { choices } = (await response.json()) as { choices: { text: string; finish_reason: string }[] };
      return choices.map(({ text, finish_reason: reason }) => [text, reason]);
    };
    expect(await ask({ stop: ['o th'] })).toEqual([['one tw', 'stop']]);
    expect(await ask({ max_tokens: 2, n: 2 })).toEqual([
      ['one two', 'length'],
      ['one two', 'length'],
    ]);
  });
});

describe('each server answers probes as the real one does', () => {
  /** The first words of what each answers, with its status. */
  const probes: Record<DialectName, Record<string, [status: number, says: string]>> = {
    openai: { '/props': [404, '{"error"'], '/version': [404, '{"error"'], '/v1/models': [200, '"owned_by":"system"'] },
    'llama-server': {
      '/props': [200, '"build_info"'],
      '/version': [404, '"File Not Found"'],
      '/v1/models': [200, '"owned_by":"llamacpp"'],
      '/health': [200, '{"status":"ok"}'],
    },
    vllm: {
      '/props': [404, '{"detail":"Not Found"}'],
      '/version': [200, '{"version":'],
      '/v1/models': [200, '"owned_by":"vllm","root":"test-model","parent":null,"max_model_len":4096'],
      '/health': [200, ''],
    },
    sglang: {
      '/version': [404, '{"detail":"Not Found"}'],
      '/get_model_info': [200, '"is_generation":true'],
      '/server_info': [200, '"version"'],
      '/v1/models': [200, '"owned_by":"sglang"'],
    },
    exo: { '/v1/models': [200, '"owned_by":"exo"'], '/version': [404, ''], '/node_id': [200, '"'] },
    swiftlm: { '/health': [200, '{"status":"ok","model":"test-model"'], '/version': [404, ''] },
    'mlx-lm': {
      '/health': [200, '{"status": "ok"}'],
      '/v1/models/any': [200, '{"object": "list"'],
      '/version': [404, 'Not Found'],
    },
    'lm-studio': {
      '/props': [200, '{"error":"Unexpected endpoint or method. (GET /props)"}'],
      '/api/version': [200, '{"error":"Unexpected endpoint or method. (GET /api/version)"}'],
      '/api/v1/models': [200, '"loaded_instances":[{"id":"test-model"'],
      '/api/v0/models': [200, '"state":"loaded"'],
      '/v1/models': [200, '"owned_by":"organization_owner"'],
    },
    ollama: {
      '/': [200, 'Ollama is running'],
      '/api/version': [200, '{"version":'],
      '/api/tags': [200, '"name":"test-model:latest"'],
      '/api/ps': [200, '"name":"test-model:latest"'],
      '/v1/models': [200, '"id":"test-model:latest"'],
      '/props': [404, '404 page not found'],
    },
  };

  it.each(dialectNames)('%s', async (dialect) => {
    await using upstream = await start({ dialect });
    for (const [path, [status, says]] of Object.entries(probes[dialect])) {
      const answer = await get(upstream, path);
      expect([path, answer.status]).toEqual([path, status]);
      expect(answer.text).toContain(says);
    }
  });

  it.each([
    ['vllm', { count: 10 }, { prompt: 'Hello' }],
    ['sglang', { count: 2 }, { text: 'Hello' }],
  ] as const)('%s counts tokens', async (dialect, counted, back) => {
    await using upstream = await start({ dialect });
    const what = dialect === 'vllm' ? { messages: [{ role: 'user', content: 'Hello' }] } : { prompt: 'Hello' };
    const response = await post(upstream, '/tokenize', { model: 'test-model', ...what });
    expect(await response.json()).toMatchObject({ ...counted, max_model_len: 4_096 });
    const { tokens } = (await (await post(upstream, '/tokenize', { model: 'test-model', prompt: 'Hello' })).json()) as {
      tokens: number[];
    };
    expect(await (await post(upstream, '/detokenize', { model: 'test-model', tokens })).json()).toEqual(back);
  });

  it.each([
    ['openai', 400, 'context_length_exceeded'],
    ['llama-server', 400, 'exceed_context_size_error'],
    ['vllm', 400, 'maximum context length is 32 tokens'],
    ['sglang', 400, "longer than the model's context length (32 tokens)"],
    ['lm-studio', 200, 'event: error'],
  ] as const)('%s refuses a prompt that does not fit', async (dialect, status, says) => {
    await using upstream = await start({ dialect, contextSize: 32 });
    const response = await post(upstream, '/v1/chat/completions', chat(long));
    expect(response.status).toBe(status);
    expect(await response.text()).toContain(says);
  });

  it.each([
    ['vllm', 'for a total of at least'],
    ['sglang', 'You requested a total of'],
  ] as const)('%s refuses a prompt with the tokens asked for that do not fit', async (dialect, says) => {
    await using upstream = await start({ dialect, contextSize: 64 });
    const ask = (limit: number) => post(upstream, '/v1/chat/completions', chat('short', { max_tokens: limit }));
    expect(await (await ask(20)).text()).toContain('[DONE]');
    const refused = await ask(60);
    expect(refused.status).toBe(400);
    expect(await refused.text()).toContain(says);
  });
});

describe('what is told while a prompt is read', () => {
  const prefill = { batch: 16 };

  it('llama-server: progress that begins with what is cached', async () => {
    await using upstream = await start({ dialect: 'llama-server', prefill });
    const seen = async () => {
      const body = chat(long, { return_progress: true });
      const { events } = await eventsOf(await post(upstream, '/v1/chat/completions', body));
      return events.flatMap(({ data }) => {
        if (data === '[DONE]') return [];
        const chunk = JSON.parse(data) as { prompt_progress?: { processed: number; total: number; cache: number } };
        return chunk.prompt_progress ? [chunk.prompt_progress] : [];
      });
    };
    const first = await seen();
    const total = first[0]?.total ?? 0;
    expect(first.map(({ processed }) => processed)).toEqual([0, 16, 32, 48, 64, total]);
    const again = await seen();
    expect(again.map(({ processed, cache }) => [processed, cache])).toEqual([
      [total - 1, total - 1],
      [total, total - 1],
    ]);
  });

  it('exo: comments, or the event of its first form', async () => {
    await using upstream = await start({ dialect: 'exo', prefill });
    const today = await eventsOf(await post(upstream, '/v1/chat/completions', chat(long)));
    expect(today.comments[0]).toBe('keep-alive');
    expect(today.comments[1]).toMatch(
      /^prefill_progress \{"PrefillProgressChunk":\{"model":"test-model","processed_tokens":16,/,
    );
    expect(today.comments.at(-1)).toMatch(/^generation_stats \{"prompt_tps":/);
    await upstream.change({ exo: { progress: 'event' }, cachesPrompts: false });
    const once = await eventsOf(await post(upstream, '/v1/chat/completions', chat(long)));
    const { event, data } = once.events[0] ?? {};
    expect(event).toBe('prefill_progress');
    expect(JSON.parse(data ?? '')).toMatchObject({ processed_tokens: 16 });
  });

  it('SwiftLM: events for those who ask with its header', async () => {
    await using upstream = await start({ dialect: 'swiftlm', prefill });
    const told = async (headers: Record<string, string>) => {
      const { events } = await eventsOf(await post(upstream, '/v1/chat/completions', chat(long), { headers }));
      return events.filter(({ event }) => event === 'prefill_progress').map(({ data }) => JSON.parse(data) as object);
    };
    expect(await told({ 'X-SwiftLM-Prefill-Progress': ' YES ' })).toContainEqual(
      expect.objectContaining({ status: 'processing', n_past: 16 }),
    );
    expect(await told({})).toEqual([]);
  });

  it('mlx-lm: comments, in HTTP/1.0', async () => {
    await using upstream = await start({ dialect: 'mlx-lm', prefill });
    const { comments } = await eventsOf(await post(upstream, '/v1/chat/completions', chat(long)));
    expect(comments.slice(0, 2)).toEqual([
      expect.stringMatching(/^keepalive 0\/\d+$/),
      expect.stringMatching(/^keepalive 16\//),
    ]);
    await upstream.connectionsBecome(0);
  });

  it('LM Studio: the load and the prompt, as named events', async () => {
    await using upstream = await start({
      dialect: 'lm-studio',
      prefill,
      models: [{ id: 'test-model', loaded: false, loadMs: 4 }],
      replies: [{ text: 'yes', reasoning: 'hm' }],
    });
    expect((await get(upstream, '/api/v0/models')).text).toContain('"state":"not-loaded"');
    const { events } = await eventsOf(
      await post(upstream, '/api/v1/chat', { model: 'test-model', input: long, stream: true }),
    );
    const names = events.map(({ event }) => event).filter((name, at, all) => name !== all[at - 1]);
    expect(names).toEqual([
      'chat.start',
      'model_load.start',
      'model_load.progress',
      'model_load.end',
      'prompt_processing.start',
      'prompt_processing.progress',
      'prompt_processing.end',
      'reasoning.start',
      'reasoning.delta',
      'reasoning.end',
      'message.start',
      'message.delta',
      'message.end',
      'chat.end',
    ]);
    const loads = events
      .filter(({ event }) => event === 'model_load.progress')
      .map(({ data }) => JSON.parse(data) as { progress: number });
    expect(loads.map(({ progress }) => progress)).toEqual([0, 0.25, 0.5, 0.75, 1]);
    expect((await get(upstream, '/api/v0/models')).text).toContain('"state":"loaded"');
  });

  it('Ollama: nothing, but the list of loaded models', async () => {
    await using upstream = await start({
      dialect: 'ollama',
      models: [{ id: 'test-model', loaded: false, loadMs: 4 }],
      replies: [{ text: 'yes it is' }],
    });
    expect((await get(upstream, '/api/ps')).json).toEqual({ models: [] });
    const response = await post(upstream, '/api/chat', {
      model: 'test-model',
      messages: [{ role: 'user', content: 'Is it?' }],
    });
    expect(response.headers.get('content-type')).toBe('application/x-ndjson');
    const lines = (await response.text())
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.map(({ done }) => done)).toEqual([false, false, false, true]);
    expect(lines.at(-1)).toMatchObject({ done_reason: 'stop', eval_count: 3 });
    expect(lines.at(-1)?.load_duration).toBeGreaterThan(3e6);
    expect((await get(upstream, '/api/ps')).text).toContain('test-model:latest');
  });

  it("llama-server's router: the share of a model that is loaded", async () => {
    await using upstream = await start({
      dialect: 'llama-server',
      llamaServer: { router: true },
      models: [{ id: 'one' }, { id: 'two', loaded: false, loadMs: 4, loadSteps: 2 }],
    });
    const leave = new AbortController();
    const news = await fetch(`${upstream.url}/models/sse`, { signal: leave.signal });
    expect((await get(upstream, '/models')).text).toContain('"status":{"value":"unloaded"');
    const answer = await post(upstream, '/v1/chat/completions', { ...chat('hi'), model: 'two' });
    expect(await answer.text()).toContain('"model":"two"');
    const events: string[] = [];
    const parser = createParser({ onEvent: ({ data }) => events.push(data) });
    const reader = news.body?.pipeThrough(new TextDecoderStream()).getReader();
    while (!events.some((data) => data.includes('"status":"loaded"'))) parser.feed((await reader?.read())?.value ?? '');
    leave.abort();
    const told = events.map((data) => JSON.parse(data) as { event: string; data: { progress?: { value: number } } });
    expect(told.map(({ event, data }) => [event, data.progress?.value])).toEqual([
      ['model_status', undefined],
      ['status_change', 0],
      ['status_change', 0.5],
      ['status_change', 1],
      ['status_change', undefined],
    ]);
  });
});
