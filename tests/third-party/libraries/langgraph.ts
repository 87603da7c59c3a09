import { ContextOverflowError } from '@langchain/core/errors';
import { AIMessage, AIMessageChunk, HumanMessage, ToolMessage } from '@langchain/core/messages';
import { tool } from '@langchain/core/tools';
import { createReactAgent } from '@langchain/langgraph/prebuilt';

import { packageVersion } from '../package-version.ts';
import type { ThirdPartyClient } from '../third-party-client.ts';
import { weather } from '../weather-tool.ts';
import { openAi } from './langchain.ts';

const getWeather = tool(() => weather.result, {
  name: weather.name,
  description: weather.description,
  schema: weather.parameters,
});

/** LangGraph's prebuilt agent: its graph calls the model, runs the tools and calls the model again. */
export const langGraph: ThirdPartyClient = {
  name: 'LangGraph',
  version: packageVersion(import.meta.resolve('@langchain/langgraph')),
  surface: 'chat',
  async streamTurn(turn) {
    const agent = createReactAgent({ llm: openAi(turn), tools: [] });
    const messages = [new HumanMessage(turn.prompt)];
    let text = '';
    let pieces = 0;
    for await (const [chunk] of await agent.stream({ messages }, { streamMode: 'messages', signal: turn.signal })) {
      if (!AIMessageChunk.isInstance(chunk) || chunk.text === '') continue;
      text += chunk.text;
      pieces += 1;
    }
    return { text, pieces };
  },
  async toolTurn(turn) {
    const model = openAi(turn);
    const free = model.bindTools([getWeather]);
    const forced = model.bindTools([getWeather], { tool_choice: 'required', parallel_tool_calls: false });
    const agent = createReactAgent({
      llm: ({ messages }) => (messages.some((message) => ToolMessage.isInstance(message)) ? free : forced),
      tools: [getWeather],
    });
    const { messages } = await agent.invoke({ messages: [new HumanMessage(turn.prompt)] });
    const [call] = messages.flatMap((message) => (AIMessage.isInstance(message) ? (message.tool_calls ?? []) : []));
    const result = messages.find((message) => ToolMessage.isInstance(message));
    if (!call || !result) throw new Error(`no call, or no result: ${JSON.stringify(messages)}`);
    return { call: { name: call.name, arguments: call.args }, result: result.text, text: messages.at(-1)?.text ?? '' };
  },
  isOverflow: (error) => ContextOverflowError.isInstance(error),
};
