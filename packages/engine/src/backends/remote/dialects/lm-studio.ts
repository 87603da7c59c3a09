import { messageText, type GenerateRequest } from '@headway/protocol';

import { countOf, listedModels, ownedBy, type Probe } from '../http/probe.ts';
import { LmStudioReader } from '../stream/lm-studio-reader.ts';
import type { UpstreamSignal } from '../stream/upstream-signal.ts';
import type { Dialect, DialectContext, UpstreamCall } from './dialect.ts';
import { modelIds, openai } from './openai.ts';

/**
 * LM Studio. Its OpenAI API tells nothing before the first token. Its own API reports how much of the model is loaded and
 * of the prompt read, but it takes a single message: a request that it can express goes there, any other one to OpenAI's.
 * See https://lmstudio.ai/docs/developer/rest/chat
 */
export const lmStudio: Dialect = {
  ...openai,
  name: 'lm-studio',
  endsEarly: undefined,
  fields: {
    topK: 'top_k',
    repeatPenalty: 'repeat_penalty',
    without: ['logprobs', 'parallelToolCalls'],
  },
  // It answers every path that it does not know with 200 and an error, so the fields count.
  recognizes: (probe) => ownedBy(probe, 'organization_owner') || restModels(probe) !== null,
  describe: (probe, model) => {
    const known = restModels(probe);
    const listed = (known ?? listedModels(probe)).map(modelOf);
    const chats = listed.filter(({ chats }) => chats).sort((one, other) => Number(other.loaded) - Number(one.loaded));
    const chosen = chats.find(({ id }) => model === undefined || id === model);
    return {
      models: modelIds(
        chats.map(({ id }) => ({ id })),
        model,
      ),
      contextSize: chosen?.contextSize ?? null,
      slots: null,
      hasRestApi: known !== null,
    };
  },
  call: (request, context, first) =>
    context.facts?.hasRestApi && fitsRestApi(request) ? restCall(request, context, first) : null,
  watch: watchLoading,
};

interface ListedModel {
  id: string;
  /** Whether it writes text. */
  chats: boolean;
  loaded: boolean;
  contextSize: number | null;
}

/** The models of its own API; null where that does not answer. */
function restModels({ lmStudioModels }: Probe): Record<string, unknown>[] | null {
  const models = lmStudioModels.status === 200 ? lmStudioModels.json?.['models'] : undefined;
  return Array.isArray(models) ? models.filter((one): one is Record<string, unknown> => isRecord(one)) : null;
}

function modelOf(model: Record<string, unknown>): ListedModel {
  const { id, key, type, loaded_instances: instances } = model;
  const loaded = Array.isArray(instances) ? instances.filter(isRecord) : [];
  const config = loaded[0]?.['config'];
  return {
    id: typeof key === 'string' ? key : String(id),
    chats: type !== 'embedding' && type !== 'embeddings',
    loaded: loaded.length > 0,
    // Until it is loaded nobody knows with how much.
    contextSize: isRecord(config) ? countOf(config['context_length']) : null,
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** Whether LM Studio's own API can say all that the request asks for. */
function fitsRestApi(request: GenerateRequest): boolean {
  const { messages = [], stop, seed, tools, logprobs, logitBias, responseFormat } = request;
  const [last, ...before] = messages.toReversed();
  return (
    last?.role === 'user' &&
    before.length <= 1 &&
    before.every(({ role }) => role === 'system') &&
    tools === undefined &&
    stop.length === 0 &&
    seed === undefined &&
    logprobs === undefined &&
    logitBias === undefined &&
    (responseFormat === undefined || responseFormat.type === undefined) &&
    request.presencePenalty === 0 &&
    request.frequencyPenalty === 0 &&
    request.chatTemplateKwargs === undefined &&
    request.generationPrompt !== false &&
    request.onContextFull === 'length' &&
    !request.ignoreEos
  );
}

function restCall(request: GenerateRequest, context: DialectContext, first: number): UpstreamCall {
  const { messages = [], maxTokens, temperature, topP, topK, minP, repeatPenalty } = request;
  const user = messages.at(-1);
  const system = messages.length > 1 ? messages[0] : undefined;
  return {
    path: 'api/v1/chat',
    body: {
      model: context.model,
      input: user ? messageText(user.content) : '',
      ...(system && { system_prompt: messageText(system.content) }),
      ...(maxTokens !== undefined && { max_output_tokens: maxTokens }),
      temperature,
      top_p: topP,
      top_k: topK,
      min_p: minP,
      ...(repeatPenalty !== 1 && { repeat_penalty: repeatPenalty }),
      stream: true,
      // It keeps no copy of the conversation.
      store: false,
    },
    reportsProgress: true,
    createReader: () =>
      new LmStudioReader({ choice: first, maxTokens, contextSize: context.facts?.contextSize ?? null }),
  };
}

/** Time between two looks whether the model is loaded, in ms. */
const lookEveryMs = 250;

/** Reports that the model loads until it has, as the list of models says it, for requests to OpenAI's API. */
async function watchLoading(
  { model, facts, ask, sleep }: DialectContext,
  onSignal: (signal: UpstreamSignal) => void,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    const answer = await ask(facts?.hasRestApi ? 'api/v1/models' : 'api/v0/models', { signal });
    const listed = listOf(await answer.text());
    const found = listed.find((one) => (one['key'] ?? one['id']) === model);
    const unloaded = found?.['state'] === 'not-loaded' || (found && 'key' in found && !modelOf(found).loaded);
    if (!unloaded) return;
    onSignal({ type: 'loading', loaded: null });
    await sleep(lookEveryMs, signal);
  }
}

function listOf(text: string): Record<string, unknown>[] {
  const value = JSON.parse(text) as { models?: unknown; data?: unknown };
  const list = value.models ?? value.data;
  return Array.isArray(list) ? list.filter(isRecord) : [];
}
