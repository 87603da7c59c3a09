import type { GenerateRequest } from '@headway/protocol';

import { cacheSalt } from '../request/cache-salt.ts';
import { chatFields } from '../request/chat-fields.ts';
import { countOf, listedModels, ownedBy } from '../http/probe.ts';
import type { Dialect, DialectContext } from './dialect.ts';
import { modelIds, openai } from './openai.ts';
import { watchQueue } from '../metrics/watch-queue.ts';

/**
 * vLLM: nothing on the wire tells how far it has read. It counts a prompt's tokens at `tokenize`, and tells at
 * `metrics` how many requests wait. See https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html
 */
export const vllm: Dialect = {
  ...openai,
  name: 'vllm',
  severalAnswers: true,
  tellsStopString: true,
  cachesPerOwner: true,
  endsEarly: 'raw',
  fields: {
    topK: 'top_k',
    minP: 'min_p',
    repeatPenalty: 'repetition_penalty',
    ignoreEos: 'ignore_eos',
    chatTemplateKwargs: 'chat_template_kwargs',
    generationPrompt: 'add_generation_prompt',
    continueLast: { continue_final_message: true, add_generation_prompt: false },
    format: (format) => {
      switch (format.type) {
        case 'regex':
          return { structured_outputs: { regex: format.pattern } };
        case 'choice':
          return { structured_outputs: { choice: format.choices } };
        case 'grammar':
          return { structured_outputs: { grammar: format.grammar } };
        default:
          return format satisfies never;
      }
    },
  },
  recognizes: (probe) => ownedBy(probe, 'vllm') || (probe.models.status !== 200 && isVersion(probe.version.json)),
  describe: (probe, model) => {
    const models = listedModels(probe);
    const listed = models.find(({ id }) => model === undefined || id === model);
    return { models: modelIds(models, model), contextSize: countOf(listed?.['max_model_len']), slots: null };
  },
  additions: ({ choices, cachePrompt }, owner) => ({
    body: {
      stream_options: { include_usage: true, ...(choices === 1 && { continuous_usage_stats: true }) },
      ...cacheSalt(cachePrompt, owner),
    },
  }),
  countTokens: async (request, { model, json }, signal) => {
    const { count } = (await json('tokenize', { body: { model, ...tokenizeFields(request) }, signal })) as {
      count: number;
    };
    return count;
  },
  tokenizer: {
    tokenize: async (text, { beginning }, { model, json }, signal) => {
      const body = { model, prompt: text, add_special_tokens: beginning, return_token_strs: true };
      const answer = (await json('tokenize', { body, signal })) as { tokens: number[]; token_strs?: string[] | null };
      return answer.tokens.map((id, at) => {
        const piece = answer.token_strs?.[at] ?? '';
        return { id, piece, bytes: [...Buffer.from(piece)] };
      });
    },
    detokenize: async (tokens, { model, json }, signal) =>
      ((await json('detokenize', { body: { model, tokens }, signal })) as { prompt: string }).prompt,
  },
  watch: (context: DialectContext, onSignal, signal) =>
    watchQueue('vllm:num_requests_waiting', context, onSignal, signal),
};

function tokenizeFields(request: GenerateRequest): object {
  if (request.prompt !== undefined) return { prompt: request.prompt };
  const { messages, tools } = chatFields(request);
  const { chatTemplateKwargs } = request;
  return { messages, ...(tools && { tools }), ...(chatTemplateKwargs && { chat_template_kwargs: chatTemplateKwargs }) };
}

function isVersion(json: Record<string, unknown> | null): boolean {
  return typeof json?.['version'] === 'string';
}
