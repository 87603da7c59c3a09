import { ChatAnthropic } from '@langchain/anthropic';
import { ContextOverflowError } from '@langchain/core/errors';
import type { BaseChatModel } from '@langchain/core/language_models/chat_models';
import { HumanMessage, ToolMessage, type AIMessageChunk, type BaseMessage } from '@langchain/core/messages';
import { ChatOpenAI } from '@langchain/openai';

import { packageVersion } from '../package-version.ts';
import type { ThirdPartyClient, Turn } from '../third-party-client.ts';
import { weather } from '../weather-tool.ts';

interface Wiring {
  name: string;
  version: string;
  surface: ThirdPartyClient['surface'];
  open: (turn: Turn) => BaseChatModel;
  /** Options that make this model call exactly one tool. */
  callOne: object;
}

function langChain({ name, version, surface, open, callOne }: Wiring): ThirdPartyClient {
  const read = async (stream: Promise<AsyncIterable<AIMessageChunk>>) => {
    let pieces = 0;
    let whole: AIMessageChunk | undefined;
    for await (const chunk of await stream) {
      if (chunk.text !== '') pieces += 1;
      whole = whole?.concat(chunk) ?? chunk;
    }
    if (!whole) throw new Error('nothing came');
    return { whole, pieces };
  };
  return {
    name,
    version,
    surface,
    async streamTurn(turn) {
      const { whole, pieces } = await read(open(turn).stream(turn.prompt, { signal: turn.signal }));
      return { text: whole.text, pieces };
    },
    async toolTurn(turn) {
      const model = open(turn);
      const tools = [{ name: weather.name, description: weather.description, schema: weather.parameters }];
      const asked: BaseMessage[] = [new HumanMessage(turn.prompt)];
      const { whole: message } = await read(model.bindTools?.(tools, callOne).stream(asked) ?? noTools());
      const [call] = message.tool_calls ?? [];
      if (!call) throw new Error(`no call: ${JSON.stringify(message)}`);
      const answered = [...asked, message, new ToolMessage({ tool_call_id: call.id ?? '', content: weather.result })];
      const { whole } = await read(model.stream(answered));
      return { call: { name: call.name, arguments: call.args }, result: weather.result, text: whole.text };
    },
    isOverflow: (error) => ContextOverflowError.isInstance(error),
  };
}

async function noTools(): Promise<never> {
  throw new Error('this model takes no tools');
}

const openAiVersion = packageVersion(import.meta.resolve('@langchain/openai'));
/** A model without retries, so that it sends each request once. */
export const openAi = (turn: Turn, rest: object = {}) =>
  new ChatOpenAI({
    model: turn.model,
    apiKey: 'none',
    configuration: { baseURL: turn.baseURL },
    maxRetries: 0,
    maxTokens: turn.maxTokens,
    temperature: 0,
    ...rest,
  });

export const langChainChat = langChain({
  name: 'LangChain, `@langchain/openai`',
  version: openAiVersion,
  surface: 'chat',
  open: (turn) => openAi(turn, {}),
  callOne: { tool_choice: 'required', parallel_tool_calls: false },
});

export const langChainResponses = langChain({
  name: 'LangChain, `@langchain/openai`',
  version: openAiVersion,
  surface: 'Responses',
  open: (turn) => openAi(turn, { useResponsesApi: true }),
  // For this API the library does not send `required`.
  callOne: { tool_choice: weather.name, parallel_tool_calls: false },
});

export const langChainMessages = langChain({
  name: 'LangChain, `@langchain/anthropic`',
  version: packageVersion(import.meta.resolve('@langchain/anthropic')),
  surface: 'Messages',
  open: (turn) =>
    new ChatAnthropic({
      model: turn.model,
      apiKey: 'none',
      anthropicApiUrl: turn.url,
      maxRetries: 0,
      maxTokens: turn.maxTokens,
      temperature: 0,
    }),
  callOne: { tool_choice: { type: 'any', disable_parallel_tool_use: true } },
});
