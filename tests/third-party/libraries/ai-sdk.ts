import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { APICallError, jsonSchema, stepCountIs, streamText, tool, type LanguageModel } from 'ai';

import { packageVersion } from '../package-version.ts';
import type { ThirdPartyClient, Turn } from '../third-party-client.ts';
import { weather } from '../weather-tool.ts';

type ProviderOptions = NonNullable<Parameters<typeof streamText>[0]['providerOptions']>;

export interface Provider {
  name: string;
  version: string;
  surface: ThirdPartyClient['surface'];
  open: (turn: Pick<Turn, 'url' | 'baseURL' | 'model'>) => LanguageModel;
  /** Options that allow one tool call in an answer. */
  oneCall: ProviderOptions;
  isOverflow: (error: APICallError) => boolean;
}

const coded = ({ data }: APICallError) =>
  (data as { error?: { code?: string } } | undefined)?.error?.code === 'context_length_exceeded';
/** Anthropic's API has no code for an overflow; agents look for its message. */
const worded = ({ statusCode, message }: APICallError) =>
  statusCode === 400 && message.startsWith('prompt is too long');

const openAiVersion = packageVersion(import.meta.resolve('@ai-sdk/openai'));

export const providers: readonly Provider[] = [
  {
    name: 'AI SDK, `@ai-sdk/openai`',
    version: openAiVersion,
    surface: 'chat',
    open: ({ baseURL, model }) => createOpenAI({ baseURL, apiKey: 'none' }).chat(model),
    oneCall: { openai: { parallelToolCalls: false } },
    isOverflow: coded,
  },
  {
    name: 'AI SDK, `@ai-sdk/openai`',
    version: openAiVersion,
    surface: 'Responses',
    open: ({ baseURL, model }) => createOpenAI({ baseURL, apiKey: 'none' }).responses(model),
    oneCall: { openai: { parallelToolCalls: false } },
    isOverflow: coded,
  },
  {
    name: 'AI SDK, `@ai-sdk/openai-compatible`',
    version: packageVersion(import.meta.resolve('@ai-sdk/openai-compatible')),
    surface: 'chat',
    open: ({ baseURL, model }) =>
      createOpenAICompatible({ name: 'headway', baseURL, supportsStructuredOutputs: true, includeUsage: true })(model),
    oneCall: { headway: { parallel_tool_calls: false } },
    isOverflow: coded,
  },
  {
    name: 'AI SDK, `@ai-sdk/anthropic`',
    version: packageVersion(import.meta.resolve('@ai-sdk/anthropic')),
    surface: 'Messages',
    open: ({ baseURL, model }) => createAnthropic({ baseURL, apiKey: 'none' })(model),
    oneCall: { anthropic: { disableParallelToolUse: true } },
    isOverflow: worded,
  },
];

export const aiSdkClients: readonly ThirdPartyClient[] = providers.map(
  ({ name, version, surface, open, oneCall, isOverflow }) => ({
    name,
    version,
    surface,
    async streamTurn(turn) {
      const { fullStream } = streamText({
        model: open(turn),
        prompt: turn.prompt,
        temperature: 0,
        maxOutputTokens: turn.maxTokens,
        maxRetries: 0,
        abortSignal: turn.signal,
        // The stream has errors as parts, too.
        onError: () => undefined,
      });
      let text = '';
      let pieces = 0;
      for await (const part of fullStream) {
        if (part.type === 'error') throw part.error as Error;
        if (part.type === 'abort') throw new Error('aborted');
        if (part.type !== 'text-delta') continue;
        text += part.text;
        pieces += 1;
      }
      return { text, pieces };
    },
    async toolTurn(turn) {
      const { name: toolName, description, parameters, result } = weather;
      const answer = streamText({
        model: open(turn),
        prompt: turn.prompt,
        temperature: 0,
        maxOutputTokens: turn.maxTokens,
        maxRetries: 0,
        providerOptions: oneCall,
        tools: { [toolName]: tool({ description, inputSchema: jsonSchema(parameters), execute: () => result }) },
        stopWhen: stepCountIs(2),
        prepareStep: ({ stepNumber }) => ({ toolChoice: stepNumber === 0 ? 'required' : 'auto' }),
      });
      const [first] = await answer.steps;
      const [call] = first?.toolCalls ?? [];
      if (!call) throw new Error(`no call: ${JSON.stringify(first?.content)}`);
      return { call: { name: call.toolName, arguments: call.input }, result, text: await answer.text };
    },
    isOverflow: (error) => APICallError.isInstance(error) && isOverflow(error),
  }),
);
