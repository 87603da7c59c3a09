import { createEngine, createVirtualClock, scripted, type ScriptedOptions } from '@headway/engine';
import { startGateway } from '@headway/gateway';
import OpenAI, { APIError, BadRequestError, NotFoundError } from 'openai';
import { describe, expect, test } from 'vitest';

async function setUp(options: ScriptedOptions = {}) {
  const clock = createVirtualClock({ auto: true });
  const engine = await createEngine({ backend: scripted({ clock, ...options }), clock });
  const gateway = await startGateway({ engine, port: 0, heartbeatMs: 5 });
  return {
    engine,
    gateway,
    client: new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: 'none', maxRetries: 0 }),
    async [Symbol.asyncDispose]() {
      await gateway.close();
      await engine.close();
    },
  };
}

interface Progress {
  total: number;
  cache: number;
  processed: number;
  time_ms: number;
}

const messages = [{ role: 'user' as const, content: 'Tell me a story.' }];
const story = { script: { reply: 'Once upon a time.' } };

describe('the openai package', () => {
  test('lists the models, and gets one by its id', async () => {
    await using context = await setUp();
    const { data } = await context.client.models.list();
    expect(data.map(({ id }) => id)).toEqual(['scripted']);
    expect(await context.client.models.retrieve('scripted')).toMatchObject({ id: 'scripted', object: 'model' });
    await expect(context.client.models.retrieve('gpt-4')).rejects.toBeInstanceOf(NotFoundError);
  });

  test('gets a whole answer', async () => {
    await using context = await setUp(story);
    const completion = await context.client.chat.completions.create({
      model: 'scripted',
      messages,
      max_tokens: 3,
      temperature: 0,
    });
    expect(completion.choices[0]).toMatchObject({
      finish_reason: 'length',
      message: { role: 'assistant', content: 'Once upon a' },
    });
    expect(completion.usage).toMatchObject({ prompt_tokens: 5, completion_tokens: 3, total_tokens: 8 });
  });

  test('streams', async () => {
    await using context = await setUp(story);
    const stream = await context.client.chat.completions.create({
      model: 'default',
      messages,
      stream: true,
      stream_options: { include_usage: true },
    });
    const chunks = [];
    for await (const chunk of stream) chunks.push(chunk);
    expect(chunks[0]?.choices[0]?.delta.role).toBe('assistant');
    expect(chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('')).toBe('Once upon a time.');
    expect(chunks.at(-2)?.choices[0]?.finish_reason).toBe('stop');
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { prompt_tokens: 5, completion_tokens: 4 } });
  });

  test("tolerates llama.cpp's progress chunks, which the application can read", async () => {
    await using context = await setUp(story);
    const long = [{ role: 'user' as const, content: 'word '.repeat(3000).trim() }];
    const progress: Progress[] = [];
    // Not in OpenAI's types; the package sends it unchanged.
    const body = { model: 'scripted', messages: long, stream: true as const, return_progress: true };
    const runner = context.client.chat.completions.stream(body);
    runner.on('chunk', (chunk) => {
      const { prompt_progress } = chunk as { prompt_progress?: Progress };
      if (prompt_progress) progress.push(prompt_progress);
    });
    const completion = await runner.finalChatCompletion();
    expect(completion.choices[0]?.message).toMatchObject({ role: 'assistant', content: 'Once upon a time.' });
    expect(progress.length).toBeGreaterThan(5);
    expect(progress[0]).toMatchObject({ total: 3001, cache: 0, processed: 0 });
    expect(progress.at(-1)).toMatchObject({ total: 3001, processed: 3001 });
    expect(progress.map(({ processed }) => processed)).toEqual(
      progress.map(({ processed }) => processed).toSorted((a, b) => a - b),
    );
  });

  test('cancels the generation when it aborts', async () => {
    await using context = await setUp({
      script: { reply: 'one two', fault: { phase: 'decode', afterTokens: 1, does: 'stall' } },
    });
    const stream = await context.client.chat.completions.create({ model: 'scripted', messages, stream: true });
    for await (const chunk of stream) if (chunk.choices[0]?.delta.content) break;
    await expect.poll(() => context.engine.activity()).toMatchObject({ slots: { busy: 0 } });
  });

  test('throws its own errors, with the field and the code', async () => {
    await using context = await setUp({ contextSize: 64 });
    const ask = (body: object) =>
      context.client.chat.completions.create({ model: 'scripted', messages, ...body }).then(
        () => null,
        (error: unknown) => error,
      );
    expect(await ask({ model: 'gpt-4o' })).toBeInstanceOf(NotFoundError);
    const wrong = await ask({ temperature: 'hot' });
    expect(wrong).toBeInstanceOf(BadRequestError);
    expect(wrong).toMatchObject({ param: 'temperature', code: 'invalid-request', type: 'invalid_request_error' });
    expect(await ask({ messages: [{ role: 'user', content: 'word '.repeat(100).trim() }] })).toMatchObject({
      status: 400,
      type: 'exceed_context_size_error',
      code: 'context_length_exceeded',
      error: { n_prompt_tokens: 101, n_ctx: 64 },
    });
  });

  test('throws when a stream fails', async () => {
    await using context = await setUp({
      script: { reply: 'one two', fault: { phase: 'decode', afterTokens: 1, does: 'fail' } },
    });
    const stream = await context.client.chat.completions.create({ model: 'scripted', messages, stream: true });
    let text = '';
    const failure = await (async () => {
      for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
    })().then(
      () => null,
      (error: unknown) => error,
    );
    expect(text).toBe('one');
    expect(failure).toBeInstanceOf(APIError);
    expect(failure).toMatchObject({ code: 'internal' });
  });

  test('assembles several tool calls, with name, id and arguments', async () => {
    const toolCalls = [
      { name: 'weather', arguments: '{"city": "Rome", "days": 3}' },
      { name: 'time', arguments: '{}' },
    ];
    await using context = await setUp({ script: { reply: '', toolCalls } });
    const tools = toolCalls.map(({ name }) => ({ type: 'function' as const, function: { name, parameters: {} } }));
    const runner = context.client.chat.completions.stream({ model: 'scripted', messages, tools });
    const argumentsDone: string[] = [];
    runner.on('tool_calls.function.arguments.done', (call) => argumentsDone.push(call.arguments));
    const streamed = await runner.finalChatCompletion();
    const whole = await context.client.chat.completions.create({ model: 'scripted', messages, tools });
    for (const { choices } of [streamed, whole]) {
      expect(choices[0]).toMatchObject({
        finish_reason: 'tool_calls',
        message: {
          role: 'assistant',
          content: null,
          tool_calls: toolCalls.map((call) => ({ id: expect.any(String), type: 'function', function: call })),
        },
      });
    }
    expect(argumentsDone).toEqual(toolCalls.map((call) => call.arguments));
    const ids = streamed.choices[0]?.message.tool_calls?.map(({ id }) => id);
    expect(new Set(ids).size).toBe(2);
  });

  test.each([{}, { return_progress: true }])(
    'counts the log-probabilities of each choice once, with %j',
    async (asked) => {
      await using context = await setUp(story);
      const body = { model: 'scripted', messages, n: 2, logprobs: true, ...asked };
      const { choices } = await context.client.chat.completions.stream(body).finalChatCompletion();
      expect(choices).toHaveLength(2);
      for (const { logprobs } of choices) {
        expect(logprobs?.content?.map(({ token }) => token).join('')).toBe('Once upon a time.');
      }
    },
  );

  test('tolerates heartbeats as data, and gets the error of a cancellation by another client', async () => {
    await using context = await setUp({
      script: { reply: 'one two', fault: { phase: 'decode', afterTokens: 1, does: 'stall' } },
    });
    const headers = { 'X-Headway-Heartbeat': 'data', 'X-Headway-Progress': 'named' };
    const runner = context.client.chat.completions.stream({ model: 'scripted', messages }, { headers });
    let beats = 0;
    let progress = 0;
    const beaten = new Promise<string>((resolve) => {
      runner.on('chunk', (chunk) => {
        if ('processed_tokens' in chunk) progress++;
        else if (chunk.choices.length === 0 && ++beats === 3) resolve(chunk.id.replace(/^chatcmpl-/, ''));
      });
    });
    const failure = runner.done().catch((error: unknown) => error);
    const id = await beaten;
    expect(progress).toBeGreaterThan(1);
    await fetch(`${context.gateway.url}/v1/generations/${id}`, { method: 'DELETE' });
    expect(await failure).toMatchObject({ code: 'cancelled' });
    expect(await failure).toBeInstanceOf(OpenAI.OpenAIError);
  });

  test('completes raw text, streamed or not, with log-probabilities', async () => {
    await using context = await setUp(story);
    const asked = { model: 'scripted', prompt: 'Tell me', logprobs: 1, n: 2 };
    const whole = await context.client.completions.create(asked);
    expect(whole.choices.map(({ text }) => text)).toEqual(['Once upon a time.', 'Once upon a time.']);
    expect(whole.choices[0]?.logprobs?.text_offset).toEqual([0, 4, 9, 11]);
    const texts = ['', ''];
    const offsets: number[][] = [[], []];
    const stream = await context.client.completions.create(
      { ...asked, stream: true, stream_options: { include_usage: true } },
      { headers: { 'X-Headway-Progress': 'named' } },
    );
    let named = 0;
    let usage: object | null | undefined;
    for await (const chunk of stream) {
      if ('processed_tokens' in chunk) named++;
      for (const { index, text, logprobs } of chunk.choices) {
        texts[index] += text;
        offsets[index]?.push(...(logprobs?.text_offset ?? []));
      }
      usage = chunk.usage;
    }
    expect(named).toBeGreaterThan(1);
    expect(texts).toEqual(whole.choices.map(({ text }) => text));
    expect(offsets).toEqual(whole.choices.map(({ logprobs }) => logprobs?.text_offset));
    expect(usage).toMatchObject({ prompt_tokens: 2, completion_tokens: 8, total_tokens: 10 });
  });
});
