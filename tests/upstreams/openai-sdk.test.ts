import OpenAI from 'openai';
import { describe, expect, it } from 'vitest';

import { startUpstream } from './start-upstream.ts';
import { dialectNames, type DialectName, type Reply, type UpstreamScript } from './upstream-script.ts';

const text = 'Grüße an die Welt, 世界 🌍, one two three.';
const calling: Reply = {
  when: 'weather',
  calls: [{ name: 'weather', arguments: '{"city":"Paris, 世界"}', id: 'call_1' }],
};
const tools = [{ type: 'function' as const, function: { name: 'weather', parameters: { type: 'object' } } }];

/** An upstream whose bytes are cut anywhere, with a comment before each chunk, and the SDK before it. */
async function start(dialect: DialectName, script: Partial<UpstreamScript> = {}) {
  const upstream = await startUpstream(
    {
      dialect,
      replies: [calling, { text, reasoning: 'Let me think.' }],
      cut: { seed: 11, most: 40 },
      comments: { text: 'still here' },
      prefill: { batch: 8 },
      ...script,
    },
    { ownProcess: false },
  );
  const openai = new OpenAI({ baseURL: `${upstream.url}/v1`, apiKey: 'key-of-the-test', maxRetries: 0 });
  return { upstream, openai, [Symbol.asyncDispose]: () => upstream[Symbol.asyncDispose]() };
}

const messages = [{ role: 'user' as const, content: 'Say hello to the world.' }];

describe.each(dialectNames)('the openai SDK reads %s', (dialect) => {
  it('in a stream', async () => {
    // Every second of them with the line ends of Windows.
    await using server = await start(dialect, { crlf: dialectNames.indexOf(dialect) % 2 === 1 });
    const stream = await server.openai.chat.completions.create({
      model: 'test-model',
      messages,
      stream: true,
      stream_options: { include_usage: true },
    });
    let written = '';
    let reasoned = '';
    let usage: OpenAI.CompletionUsage | null = null;
    const ends: unknown[] = [];
    for await (const chunk of stream) {
      usage = chunk.usage ?? usage;
      const [choice] = chunk.choices;
      const delta = choice?.delta as { content?: string; reasoning?: string; reasoning_content?: string } | undefined;
      written += delta?.content ?? '';
      reasoned += delta?.reasoning ?? delta?.reasoning_content ?? '';
      if (choice?.finish_reason) ends.push(choice.finish_reason);
    }
    expect(written).toBe(text);
    expect(reasoned).toBe('Let me think.');
    expect(ends).toEqual(['stop']);
    expect(usage?.total_tokens).toBe((usage?.prompt_tokens ?? 0) + (usage?.completion_tokens ?? 0));
    const [request] = await server.upstream.requests();
    expect(request?.headers.authorization).toBe('Bearer key-of-the-test');
    expect(request?.tokensSent).toBe(usage?.completion_tokens);
    expect(request?.aborted).toBe(false);
  });

  it('as a whole', async () => {
    await using server = await start(dialect);
    const { choices, usage } = await server.openai.chat.completions.create({
      model: 'test-model',
      messages,
      max_tokens: 6,
    });
    expect(text.startsWith(choices[0]?.message.content ?? 'x')).toBe(true);
    expect(choices[0]?.finish_reason).toBe('length');
    expect(usage?.completion_tokens).toBe(6);
  });

  it('with calls of tools', async () => {
    await using server = await start(dialect);
    const ask = { model: 'test-model', tools, messages: [{ role: 'user' as const, content: 'What is the weather?' }] };
    const whole = await server.openai.chat.completions.create(ask);
    const streamed = await server.openai.chat.completions.stream(ask).finalChatCompletion();
    for (const { choices } of [whole, streamed]) {
      expect(choices[0]?.finish_reason).toBe('tool_calls');
      expect(choices[0]?.message.tool_calls).toMatchObject([
        { function: calling.calls?.map(({ name, arguments: args }) => ({ name, arguments: args }))[0] },
      ]);
    }
  });

  it('when it refuses', async () => {
    await using server = await start(dialect, {
      faults: [{ does: 'refuse', status: 429, message: 'too busy', retryAfterSeconds: 3, times: 1 }],
    });
    const ask = () => server.openai.chat.completions.create({ model: 'test-model', messages });
    const error = (await ask().catch((thrown: unknown) => thrown)) as InstanceType<typeof OpenAI.RateLimitError>;
    expect(error).toBeInstanceOf(OpenAI.RateLimitError);
    // SGLang's errors are flat, where the SDK does not look for them.
    expect(error.message).toContain(dialect === 'sglang' ? '429' : 'too busy');
    expect(error.headers?.get('retry-after')).toBe('3');
    expect((await ask()).choices).toHaveLength(1);
  });
});
