import { Agent } from '@mastra/core/agent';
import { createTool } from '@mastra/core/tools';
import { z } from 'zod';

import { packageVersion } from '../../package-version.ts';
import type { ThirdPartyClient, Turn } from '../../third-party-client.ts';
import { weather } from '../../weather-tool.ts';

const getWeather = createTool({
  id: weather.name,
  description: weather.description,
  inputSchema: z.object({ city: z.string().min(1).max(12), days: z.number().int().min(1).max(7) }),
  execute: async () => ({ report: weather.result }),
});

const agentFor = ({ baseURL, model }: Turn, tools = {}) =>
  new Agent({
    id: 'teller',
    name: 'Teller',
    instructions: 'You answer in a sentence or two.',
    model: { providerId: 'headway', modelId: model, url: baseURL, apiKey: 'none' },
    tools,
    maxRetries: 0,
  });

const settings = ({ maxTokens }: Turn) => ({ maxOutputTokens: maxTokens, temperature: 0, maxRetries: 0 });

export const client: ThirdPartyClient = {
  name: 'Mastra',
  version: packageVersion(import.meta.resolve('@mastra/core')),
  surface: 'chat',
  async streamTurn(turn) {
    const stream = await agentFor(turn).stream(turn.prompt, {
      modelSettings: settings(turn),
      abortSignal: turn.signal,
    });
    let text = '';
    let pieces = 0;
    for await (const part of stream.fullStream) {
      if (part.type === 'error') throw part.payload.error as Error;
      if (part.type === 'abort') throw new Error('aborted');
      if (part.type !== 'text-delta') continue;
      text += part.payload.text;
      pieces += 1;
    }
    if (stream.error) throw stream.error;
    return { text, pieces };
  },
  async toolTurn(turn) {
    const stream = await agentFor(turn, { [weather.name]: getWeather }).stream(turn.prompt, {
      modelSettings: settings(turn),
      maxSteps: 2,
      providerOptions: { headway: { parallel_tool_calls: false } },
      prepareStep: ({ stepNumber }) => ({ toolChoice: stepNumber === 0 ? 'required' : 'auto' }),
    });
    await stream.consumeStream();
    const steps = await stream.steps;
    const call = steps.flatMap(({ toolCalls }) => toolCalls)[0]?.payload;
    if (!call) throw new Error(`no call: ${JSON.stringify(steps)}`);
    return {
      call: { name: call.toolName, arguments: call.args },
      result: weather.result,
      text: steps.at(-1)?.text ?? '',
    };
  },
  isOverflow: (error) =>
    typeof error === 'object' &&
    error !== null &&
    'data' in error &&
    (error.data as { error?: { code?: string } }).error?.code === 'context_length_exceeded',
};
