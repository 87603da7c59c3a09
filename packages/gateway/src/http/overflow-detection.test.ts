import { contextOverflow } from '@headway/protocol';
import { expect, test } from 'vitest';

import { anthropicErrorDialect } from '../apis/anthropic/anthropic-error.ts';
import { openAiErrorBody } from '../apis/openai/openai-error.ts';
import { openScriptedGateway } from '../apis/openai/scripted-gateway.fixture.ts';
import { responseNames } from '../apis/openai/responses/input/response-names.ts';

/** How published agents detect a context overflow from an error's message, code and type. */
const detectors: Record<string, (error: { message: string; code: string; type: string }) => boolean> = {
  'pi (packages/ai/src/utils/overflow.ts)': ({ message }) =>
    [
      /prompt is too long/i,
      /exceeds the context window/i,
      /reduce the length of the messages/i,
      /maximum context length is \d+ tokens/i,
      /exceeds the available context size/i,
      /context[_ ]length[_ ]exceeded/i,
    ].some((pattern) => pattern.test(message)),
  'OpenCode (provider/error.ts)': ({ message }) =>
    [
      /prompt is too long/i,
      /exceeds the context window/i,
      /reduce the length of the messages/i,
      /maximum context length is \d+ tokens/i,
      /context length is only \d+ tokens/i,
    ].some((pattern) => pattern.test(message)),
  'Copilot Chat (context_length_exceeded of the error)': ({ message, code }) =>
    code === 'context_length_exceeded' || /maximum context length|prompt is too long/i.test(message),
  'LangChain (langchain_openai, langchain_anthropic)': ({ message, code }) =>
    `${code} ${message}`.includes('context_length_exceeded') || message.includes('prompt is too long'),
  'Qwen Code (context-length errors)': ({ message }) =>
    /maximum context length|context length exceeded|prompt is too long|exceeds the context/i.test(message),
  'Continue (isContextLengthError)': ({ message }) =>
    ['context length', 'context_length_exceeded', 'prompt is too long'].some((words) =>
      message.toLowerCase().includes(words),
    ),
};

const routes = {
  '/v1/chat/completions': 'messages',
  '/v1/completions': 'prompt',
  '/v1/responses': 'input',
} as const;

const text = 'word '.repeat(50);
const bodies: Record<string, object> = {
  '/v1/chat/completions': { messages: [{ role: 'user', content: text }] },
  '/v1/completions': { prompt: text },
  '/v1/responses': { input: text },
  '/v1/messages': { max_tokens: 5, messages: [{ role: 'user', content: text }] },
};

test.each(Object.keys(bodies).flatMap((path) => Object.keys(detectors).map((agent) => [path, agent] as const)))(
  'a context overflow on %s is detected by %s',
  async (path, agent) => {
    await using context = await openScriptedGateway({ contextSize: 16 });
    const response = await context.post(path, bodies[path] ?? {});
    expect(response.status).toBe(400);
    const { error } = (await response.json()) as { error: { message: string; code: string; type: string } };
    expect(detectors[agent]?.(error)).toBe(true);
  },
);

test.each(Object.entries(routes))(
  'a context overflow on %s has the code, message and field of its API',
  async (path, field) => {
    await using context = await openScriptedGateway({ contextSize: 16 });
    const body = await (await context.post(path, bodies[path] ?? {})).json();
    expect(body).toMatchObject({
      error: {
        code: 'context_length_exceeded',
        type: 'exceed_context_size_error',
        param: field,
        message: expect.stringMatching(
          new RegExp(`context length is 16 tokens.*your ${field} resulted in \\d+ tokens`),
        ),
        n_prompt_tokens: expect.any(Number),
        n_ctx: 16,
      },
    });
  },
);

test('a context overflow within a stream has the code that Codex reads from response.failed', () => {
  const { message } = contextOverflow(9012, 8192);
  expect(openAiErrorBody({ code: 'context-overflow', message }, responseNames()).error).toMatchObject({
    code: 'context_length_exceeded',
    message: expect.stringContaining('is 8192 tokens'),
    n_prompt_tokens: 9012,
  });
});

test('a context overflow has the two numbers that Claude Code reads from the message', () => {
  const body = anthropicErrorDialect.body(contextOverflow(9012, 8192), { status: 400 }) as {
    error: { message: string };
  };
  expect(/prompt is too long[^0-9]*(\d+)\s*tokens?\s*>\s*(\d+)/i.exec(body.error.message)?.slice(1)).toEqual([
    '9012',
    '8190',
  ]);
});
