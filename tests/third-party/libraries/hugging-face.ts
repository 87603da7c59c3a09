import { InferenceClient, InferenceClientProviderApiError } from '@huggingface/inference';

import { packageVersion } from '../package-version.ts';
import type { ThirdPartyClient, Turn } from '../third-party-client.ts';
import { weather } from '../weather-tool.ts';

type Request = Parameters<InferenceClient['chatCompletionStream']>[0];

async function read({ baseURL, model, maxTokens, signal }: Turn, rest: Pick<Request, 'messages'> & Partial<Request>) {
  const client = new InferenceClient(undefined, { endpointUrl: baseURL });
  const asked = { model, max_tokens: maxTokens, temperature: 0, ...rest };
  const deltas = [];
  for await (const { choices } of client.chatCompletionStream(asked, { signal })) {
    deltas.push(...choices.map(({ delta }) => delta));
  }
  return deltas;
}

export const huggingFace: ThirdPartyClient = {
  name: 'Hugging Face Inference',
  version: packageVersion(import.meta.resolve('@huggingface/inference')),
  surface: 'chat',
  async streamTurn(turn) {
    const pieces = (await read(turn, { messages: [{ role: 'user', content: turn.prompt }] })).flatMap(
      ({ content }) => content || [],
    );
    return { text: pieces.join(''), pieces: pieces.length };
  },
  async toolTurn(turn) {
    const { result, ...tool } = weather;
    const tools = [{ type: 'function' as const, function: tool }];
    const messages: Request['messages'] = [{ role: 'user', content: turn.prompt }];
    // The library has no field for `parallel_tool_calls`. A tool choice by name gives one call.
    const tool_choice = { function: { name: tool.name } };
    const calls = (await read(turn, { messages, tools, tool_choice })).flatMap(({ tool_calls = [] }) => tool_calls);
    const { id = '', function: { name = '' } = {} } = calls[0] ?? {};
    const args = calls.map((call) => call.function.arguments ?? '').join('');
    const made = { id, type: 'function', function: { name, arguments: args } };
    messages.push({ role: 'assistant', content: '', tool_calls: [made] });
    messages.push({ role: 'tool', tool_call_id: id, content: result });
    const second = await read(turn, { messages, tools, tool_choice: 'none' });
    return {
      call: { name, arguments: JSON.parse(args) as unknown },
      result,
      text: second.map(({ content }) => content ?? '').join(''),
    };
  },
  isOverflow: (error) =>
    error instanceof InferenceClientProviderApiError &&
    (error.httpResponse.body as { error: { code: string } }).error.code === 'context_length_exceeded',
};
