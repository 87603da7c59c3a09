import type { GenerateRequest } from '@headway/protocol';

import { chatFields } from '../request/chat-fields.ts';
import { sseItems } from '../stream/sse-items.ts';
import type { UpstreamSignal } from '../stream/upstream-signal.ts';
import { countOf, listedModels, ownedBy, type Probe } from '../http/probe.ts';
import type { Dialect, DialectContext } from './dialect.ts';
import { modelIds, openai } from './openai.ts';

/**
 * llama.cpp's server: it reports prefill with `return_progress`, and each chunk's tokens with `timings_per_token`.
 * Started as a router it loads models when they are asked for, and tells how far at `models/sse`.
 * See https://github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md
 */
export const llamaServer: Dialect = {
  ...openai,
  name: 'llama-server',
  reportsProgress: true,
  silentWhileQueued: true,
  endsEarly: undefined,
  severalAnswers: true,
  fields: {
    topK: 'top_k',
    minP: 'min_p',
    repeatPenalty: 'repeat_penalty',
    ignoreEos: 'ignore_eos',
    cachePrompt: 'cache_prompt',
    chatTemplateKwargs: 'chat_template_kwargs',
    generationPrompt: 'add_generation_prompt',
    format: (format) => (format.type === 'grammar' ? { grammar: format.grammar } : undefined),
  },
  quirks: { usagePerChoice: true },
  recognizes: (probe) => /llama\.cpp/i.test(probe.models.server) || ownedBy(probe, 'llamacpp'),
  describe: (probe, model) => ({
    models: modelIds(listedModels(probe), model),
    contextSize: contextOf(probe, model),
    slots: countOf(probe.props.json?.['total_slots']),
  }),
  additions: ({ choices }) => ({
    body: { return_progress: true, ...(choices === 1 && { timings_per_token: true }) },
  }),
  readEvent: (_name, data) => {
    const { prompt_progress: progress } = (data ?? {}) as { prompt_progress?: PromptProgress };
    if (!progress) return undefined;
    const { total, cache, processed } = progress;
    return [{ type: 'progress', processed, cached: cache, total }];
  },
  countTokens: async (request, context, signal) => {
    if (request.prompt !== undefined) return (await tokenIds(request.prompt, context, signal)).length;
    const body = templateFields(request, context);
    const answer = (await context.json('v1/chat/completions/input_tokens', { body, signal })) as {
      input_tokens: number;
    };
    return answer.input_tokens;
  },
  tokenizer: {
    tokenize: async (text, { special, beginning }, context, signal) => {
      const body = {
        model: context.model,
        content: text,
        parse_special: special,
        add_special: beginning,
        with_pieces: true,
      };
      const answer = (await context.json('tokenize', { body, signal })) as { tokens: ListedPiece[] };
      return answer.tokens.map(({ id, piece }) =>
        typeof piece === 'string'
          ? { id, piece, bytes: [...Buffer.from(piece)] }
          : { id, piece: Buffer.from(piece).toString(), bytes: piece },
      );
    },
    detokenize: async (tokens, context, signal) =>
      ((await context.json('detokenize', { body: { model: context.model, tokens }, signal })) as { content: string })
        .content,
    applyTemplate,
  },
  watch: watchLoading,
};

interface PromptProgress {
  total: number;
  cache: number;
  processed: number;
}

interface ListedPiece {
  id: number;
  /** Bytes where they are half a character. */
  piece: string | number[];
}

async function applyTemplate(request: GenerateRequest, context: DialectContext, signal: AbortSignal): Promise<string> {
  if (request.prompt !== undefined) return request.prompt;
  const body = templateFields(request, context);
  return ((await context.json('apply-template', { body, signal })) as { prompt: string }).prompt;
}

function templateFields(request: GenerateRequest, { model }: DialectContext): object {
  const { chatTemplateKwargs, generationPrompt } = request;
  return {
    model,
    ...chatFields(request),
    ...(chatTemplateKwargs && { chat_template_kwargs: chatTemplateKwargs }),
    ...(generationPrompt === false && { add_generation_prompt: false }),
  };
}

async function tokenIds(content: string, { model, json }: DialectContext, signal: AbortSignal): Promise<unknown[]> {
  const body = { model, content, parse_special: true, add_special: true };
  return ((await json('tokenize', { body, signal })) as { tokens: unknown[] }).tokens;
}

function contextOf(probe: Probe, model: string | undefined): number | null {
  const settings = probe.props.json?.['default_generation_settings'] as { n_ctx?: unknown } | undefined;
  const listed = listedModels(probe).find(({ id }) => model === undefined || id === model);
  const meta = listed?.['meta'] as { n_ctx?: unknown } | undefined;
  return countOf(settings?.n_ctx) ?? countOf(meta?.n_ctx);
}

interface ModelEvent {
  model?: string;
  data?: { status?: string; progress?: { stages?: unknown[]; current?: unknown; value?: unknown } };
}

/** Follows a router's loading of the model until the signal aborts; ends at once with a server that is no router. */
async function watchLoading(
  context: DialectContext,
  onSignal: (signal: UpstreamSignal) => void,
  signal: AbortSignal,
): Promise<void> {
  const answer = await context.ask('models/sse', { signal });
  if (answer.status !== 200 || !answer.header('content-type')?.includes('event-stream')) {
    await answer.text();
    return;
  }
  for await (const items of sseItems(answer.body)) {
    for (const item of items) {
      if (item.kind !== 'event') continue;
      const { model, data } = JSON.parse(item.data) as ModelEvent;
      if (model !== context.model || data?.status !== 'loading') continue;
      onSignal({ type: 'loading', loaded: loadedShare(data.progress) });
    }
  }
}

/** The share over all stages of a load. */
function loadedShare(progress: NonNullable<ModelEvent['data']>['progress']): number | null {
  if (typeof progress?.value !== 'number') return null;
  const stages = progress.stages ?? [];
  const at = Math.max(0, stages.indexOf(progress.current));
  return Math.min(1, (at + progress.value) / Math.max(1, stages.length));
}
