import type { ChatMessage, ToolCallLLMMessageOptions } from '@llamaindex/core/llms';
import { FunctionTool } from '@llamaindex/core/tools';
import { OpenAI as LlamaIndexOpenAI } from '@llamaindex/openai';

import { packageVersion } from '../../package-version.ts';
import type { ThirdPartyClient, Turn } from '../../third-party-client.ts';
import { weather } from '../../weather-tool.ts';

const getWeather = FunctionTool.from(() => weather.result, {
  name: weather.name,
  description: weather.description,
  parameters: weather.parameters,
});

type Messages = ChatMessage<ToolCallLLMMessageOptions>[];

async function read(turn: Turn, messages: Messages, choice?: 'required' | 'none') {
  const { model, baseURL, maxTokens, signal } = turn;
  const llm = new LlamaIndexOpenAI({
    model,
    baseURL,
    apiKey: 'none',
    maxRetries: 0,
    maxTokens,
    temperature: 0,
    // A turn takes no signal; the request does.
    additionalSessionOptions: {
      fetch: (input, init) =>
        fetch(input, { ...init, signal: AbortSignal.any([init?.signal ?? [], signal ?? []].flat()) }),
    },
  });
  const asked = choice && {
    tools: [getWeather],
    additionalChatOptions: { tool_choice: choice, parallel_tool_calls: false },
  };
  const pieces: string[] = [];
  const calls = [];
  for await (const { delta, options } of await llm.chat({ messages, stream: true, ...asked })) {
    if (delta !== '') pieces.push(delta);
    if (options && 'toolCall' in options) calls.push(...options.toolCall);
  }
  return { text: pieces.join(''), pieces: pieces.length, calls };
}

export const client: ThirdPartyClient = {
  name: 'LlamaIndex',
  version: packageVersion(import.meta.resolve('@llamaindex/openai')),
  surface: 'chat',
  async streamTurn(turn) {
    const { text, pieces } = await read(turn, [{ role: 'user', content: turn.prompt }]);
    return { text, pieces };
  },
  async toolTurn(turn) {
    const question = { role: 'user' as const, content: turn.prompt };
    const { calls } = await read(turn, [question], 'required');
    const [call] = calls;
    if (!call) throw new Error('no call');
    const { result } = weather;
    const { text } = await read(
      turn,
      [
        question,
        { role: 'assistant', content: '', options: { toolCall: [call] } },
        { role: 'user', content: result, options: { toolResult: { id: call.id, result, isError: false } } },
      ],
      'none',
    );
    const args: unknown = typeof call.input === 'string' ? JSON.parse(call.input) : call.input;
    return { call: { name: call.name, arguments: args }, result, text };
  },
  // It throws what the `openai` package throws.
  isOverflow: (error) => error instanceof Error && 'code' in error && error.code === 'context_length_exceeded',
};
