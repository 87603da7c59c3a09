import {
  Agent,
  OpenAIChatCompletionsModel,
  OpenAIResponsesModel,
  run,
  setTracingDisabled,
  tool,
  type Model,
} from '@openai/agents';
import OpenAI, { APIError } from 'openai';

import { packageVersion } from '../package-version.ts';
import type { ThirdPartyClient, Turn } from '../third-party-client.ts';
import { weather } from '../weather-tool.ts';

// By default the library sends traces to OpenAI.
setTracingDisabled(true);

const version = packageVersion(import.meta.resolve('@openai/agents'));

const getWeather = tool({
  name: weather.name,
  description: weather.description,
  parameters: weather.parameters,
  strict: true,
  execute: () => weather.result,
});

function openAiAgents(
  surface: ThirdPartyClient['surface'],
  open: (client: OpenAI, model: string) => Model,
): ThirdPartyClient {
  const modelFor = ({ baseURL, model }: Turn) => open(new OpenAI({ baseURL, apiKey: 'none', maxRetries: 0 }), model);
  const settings = ({ maxTokens }: Turn) => ({ maxTokens, temperature: 0 });
  return {
    name: 'OpenAI Agents',
    version,
    surface,
    async streamTurn(turn) {
      const agent = new Agent({ name: 'Teller', model: modelFor(turn), modelSettings: settings(turn) });
      const stream = await run(agent, turn.prompt, { stream: true, signal: turn.signal });
      let text = '';
      let pieces = 0;
      for await (const piece of stream.toTextStream()) {
        text += piece;
        pieces += 1;
      }
      await stream.completed;
      if (stream.error) throw stream.error as Error;
      return { text, pieces };
    },
    async toolTurn(turn) {
      // The library resets the choice to `auto` after a tool call.
      const modelSettings = { ...settings(turn), toolChoice: 'required', parallelToolCalls: false };
      const agent = new Agent({ name: 'Weather', model: modelFor(turn), modelSettings, tools: [getWeather] });
      const stream = await run(agent, turn.prompt, { stream: true, maxTurns: 2 });
      await stream.completed;
      const call = stream.newItems.find((item) => item.type === 'tool_call_item')?.rawItem;
      const output = stream.newItems.find((item) => item.type === 'tool_call_output_item');
      if (call?.type !== 'function_call' || !output) throw new Error(`no call: ${JSON.stringify(stream.newItems)}`);
      return {
        call: { name: call.name, arguments: JSON.parse(call.arguments) as unknown },
        result: String(output.output),
        text: String(stream.finalOutput),
      };
    },
    isOverflow: (error) => error instanceof APIError && error.code === 'context_length_exceeded',
  };
}

export const openAiAgentsChat = openAiAgents('chat', (client, model) => new OpenAIChatCompletionsModel(client, model));
export const openAiAgentsResponses = openAiAgents(
  'Responses',
  (client, model) => new OpenAIResponsesModel(client, model),
);
