import createInstructor from '@instructor-ai/instructor';
import OpenAI, { APIError } from 'openai';
import { z } from 'zod';

import { packageVersion } from '../../package-version.ts';
import type { ThirdPartyClient, Turn } from '../../third-party-client.ts';
import { weather } from '../../weather-tool.ts';

const asked = z.object({ city: z.string().min(1).max(12), days: z.number().int().min(1).max(7) });

const openAi = ({ baseURL }: Turn) => new OpenAI({ baseURL, apiKey: 'none', maxRetries: 0 });
const open = (turn: Turn, mode: 'TOOLS' | 'JSON_SCHEMA') => createInstructor({ client: openAi(turn), mode });
const settings = ({ model, maxTokens }: Turn) => ({ model, max_tokens: maxTokens, temperature: 0 });

/** Its answers are objects: streamed, an object that grows; a tool turn, the arguments of a call that it asks for by name. */
export const client: ThirdPartyClient = {
  name: 'Instructor',
  version: packageVersion(import.meta.resolve('@instructor-ai/instructor')),
  surface: 'chat',
  async streamTurn(turn) {
    const stream = await open(turn, 'JSON_SCHEMA').chat.completions.create(
      {
        ...settings(turn),
        messages: [{ role: 'user', content: turn.prompt }],
        response_model: { schema: asked, name: 'Forecast' },
        stream: true,
        max_retries: 0,
      },
      { signal: turn.signal },
    );
    let pieces = 0;
    let object: object = {};
    for await (const { _meta, ...partial } of stream) {
      pieces += 1;
      object = partial;
    }
    return { text: JSON.stringify(object), pieces, object };
  },
  async toolTurn(turn) {
    const instructor = open(turn, 'TOOLS');
    const question = { role: 'user' as const, content: turn.prompt };
    const { _meta, ...args } = await instructor.chat.completions.create({
      ...settings(turn),
      messages: [question],
      response_model: { schema: asked, name: weather.name },
      max_retries: 0,
    });
    const made = {
      id: 'call_1',
      type: 'function' as const,
      function: { name: weather.name, arguments: JSON.stringify(args) },
    };
    const { choices } = await openAi(turn).chat.completions.create({
      ...settings(turn),
      messages: [
        question,
        { role: 'assistant', content: null, tool_calls: [made] },
        { role: 'tool', tool_call_id: made.id, content: weather.result },
      ],
    });
    return {
      call: { name: weather.name, arguments: args },
      result: weather.result,
      text: choices[0]?.message.content ?? '',
    };
  },
  isOverflow: (error) => error instanceof APIError && error.code === 'context_length_exceeded',
};
