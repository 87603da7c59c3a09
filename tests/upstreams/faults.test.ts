import { describe, expect, it } from 'vitest';

import { startUpstream } from './start-upstream.ts';
import { dialectNames, type DialectName, type Fault, type UpstreamScript } from './upstream-script.ts';

const reply = 'one two three four five six';

function start(script: Partial<UpstreamScript>, faults: Fault[] = []) {
  return startUpstream(
    { dialect: 'openai', replies: [{ text: reply }], prefill: { batch: 4 }, faults, ...script },
    { ownProcess: false },
  );
}

function ask(url: string, options: { body?: object; signal?: AbortSignal; redirect?: RequestRedirect } = {}) {
  const { body, ...init } = options;
  return fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    body: JSON.stringify({
      model: 'test-model',
      stream: true,
      messages: [{ role: 'user', content: 'Hello there' }],
      ...body,
    }),
    ...init,
  });
}

/** What can be read of a body before it breaks, and whether it broke. */
async function readAll(response: Response): Promise<{ text: string; broke: boolean }> {
  const decoder = new TextDecoder();
  let text = '';
  try {
    for await (const part of response.body ?? []) text += decoder.decode(part as Uint8Array, { stream: true });
    return { text, broke: false };
  } catch {
    return { text, broke: true };
  }
}

/** The words of an answer that have come. */
function words(text: string): string {
  return [...text.matchAll(/"(?:content|text)": ?"([^"]*)"/g)].map(([, word]) => word).join('');
}

describe('a fault of an upstream', () => {
  it.each([
    ['die', true],
    ['end', false],
  ] as const)('%s comes after so many tokens', async (does, broke) => {
    await using upstream = await start({}, [{ does, at: { tokens: 3 } }]);
    const read = await readAll(await ask(upstream.url));
    expect(words(read.text)).toBe('one two three');
    expect(read.broke).toBe(broke);
    expect(read.text).not.toContain('[DONE]');
    expect((await upstream.requests())[0]).toMatchObject({ tokensSent: 3, aborted: false });
  });

  it('comes after so many bytes', async () => {
    await using upstream = await start({}, [{ does: 'end', at: { bytes: 333 } }]);
    expect((await readAll(await ask(upstream.url))).text).toHaveLength(333);
  });

  it('comes while the prompt is read', async () => {
    await using upstream = await start({ dialect: 'exo' }, [{ does: 'die', at: { read: 0.4 } }]);
    const { text, broke } = await readAll(await ask(upstream.url));
    expect(broke).toBe(true);
    expect(text).toContain('prefill_progress');
    expect(text).not.toContain('data:');
  });

  it('leaves out the last line, or how the answer ended', async () => {
    await using upstream = await start({}, [
      { does: 'no-done', times: 1 },
      { does: 'no-finish', skip: 1 },
    ]);
    const first = await readAll(await ask(upstream.url));
    expect(first.text).toContain('"finish_reason":"stop"');
    expect(first.text).not.toContain('[DONE]');
    const second = await readAll(await ask(upstream.url));
    expect(second.text).not.toContain('"finish_reason":"stop"');
    expect(second.text).toContain('[DONE]');
  });

  it('keeps the connection open and says nothing, until the client leaves', async () => {
    await using upstream = await start({ slots: 1 }, [{ does: 'stall', at: { tokens: 2 }, times: 1 }]);
    const leave = new AbortController();
    const response = await ask(upstream.url, { signal: leave.signal });
    const reader = response.body?.getReader();
    let text = '';
    while (!text.includes('two')) text += new TextDecoder().decode((await reader?.read())?.value);
    expect(await upstream.connections()).toBeGreaterThan(0);
    leave.abort();
    const record = await upstream.request(({ aborted }) => aborted === true);
    expect(record).toMatchObject({ tokensSent: 2, status: 200 });
    expect(record.closedAfterMs).toBeGreaterThan(0);
    // The slot is free again.
    expect(words((await readAll(await ask(upstream.url))).text)).toBe(reply);
  });

  it('keeps sending keep-alives where that is asked for', async () => {
    await using upstream = await start({ dialect: 'llama-server', keepAliveMs: 1 }, [
      { does: 'stall', at: { tokens: 1 }, keepsAlive: true },
    ]);
    const leave = new AbortController();
    const response = await ask(upstream.url, { signal: leave.signal });
    const reader = response.body?.getReader();
    let text = '';
    while (!text.endsWith(':\n\n:\n\n')) text += new TextDecoder().decode((await reader?.read())?.value);
    expect(words(text)).toBe('one');
    leave.abort();
    await upstream.request(({ aborted }) => aborted === true);
  });

  it('sends what nobody can read, and goes on', async () => {
    await using upstream = await start({}, [
      { does: 'long-line', at: { tokens: 1 }, bytes: 100_000 },
      { does: 'broken-json', at: { tokens: 2 } },
    ]);
    const { text } = await readAll(await ask(upstream.url));
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBe(100_002);
    expect(text).toContain('"content":\n\n');
    expect(words(text)).toBe(reply);
  });

  it.each<[Fault, status: number, header: string, says: RegExp]>([
    [
      { does: 'refuse', status: 503, retryAfterSeconds: 60, retryAfterDate: true },
      503,
      'retry-after',
      /^\w{3}, .* GMT$/,
    ],
    [{ does: 'html', status: 500 }, 500, 'content-type', /^text\/html$/],
    [{ does: 'redirect', to: 'http://127.0.0.1:1/' }, 307, 'location', /^http:\/\/127\.0\.0\.1:1\/$/],
    [{ does: 'content-type', type: 'text/plain' }, 200, 'content-type', /^text\/plain$/],
  ])('answers otherwise: %j', async (fault, status, header, says) => {
    await using upstream = await start({}, [fault]);
    const response = await ask(upstream.url, { redirect: 'manual' });
    expect(response.status).toBe(status);
    expect(response.headers.get(header)).toMatch(says);
    await response.text();
  });

  it('hits only the prompts it is for', async () => {
    await using upstream = await start({}, [{ does: 'refuse', status: 500, when: 'poison' }]);
    const poison = { messages: [{ role: 'user', content: 'some poison' }] };
    const statuses = [await ask(upstream.url), await ask(upstream.url, { body: poison })].map(({ status }) => status);
    expect(statuses).toEqual([200, 500]);
  });
});

describe('an error in mid-stream is that of the real server', () => {
  const forms: Record<DialectName, RegExp> = {
    openai: /"error":\{"message":"out of memory".*\}\n\n$/,
    'llama-server': /data: \{"error":\{"code":500,"message":"out of memory","type":"server_error"\}\}\n\n$/,
    vllm: /data: \{"error": \{"message": "out of memory".*"code": 500\}\}\n\ndata: \[DONE\]\n\n$/,
    sglang: /data: \{"error": \{"object": "error", "message": "out of memory".*\}\}\n\ndata: \[DONE\]\n\n$/,
    exo: /data: \{"error":\{"message":"out of memory","type":"InternalServerError".*\}\}\n\ndata: \[DONE\]\n\n$/,
    // It says nothing.
    swiftlm: /two"\}\}\]\}\r\n\r\n$/,
    'mlx-lm': /two", "reasoning": "", "tool_calls": \[\]\}\}\]\}\n\n$/,
    'lm-studio': /event: error\ndata: \{"error":\{"message":"out of memory"\}.*\}\n\n$/,
    // An empty chunk, and no last line.
    ollama: /"model":"".*"delta":\{"role":"assistant","content":""\},"finish_reason":null\}\]\}\n\n$/,
  };

  it.each(dialectNames)('%s', async (dialect) => {
    await using upstream = await start({ dialect }, [{ does: 'error', at: { tokens: 2 }, message: 'out of memory' }]);
    const { text, broke } = await readAll(await ask(upstream.url));
    expect(broke).toBe(false);
    expect(words(text)).toBe('one two');
    expect(text).toMatch(forms[dialect]);
  });
});
