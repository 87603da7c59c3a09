import { fieldError, messageText, type GenerateRequest, type Message } from '@headway/protocol';

import { choiceSeed } from '../../../backend/choice-seed.ts';
import { countOf, listedModels, type Probe } from '../http/probe.ts';
import { chatFields } from '../request/chat-fields.ts';
import { ownFields, type FieldNames } from '../request/request-fields.ts';
import { OllamaReader } from '../stream/ollama-reader.ts';
import type { ReadingSignal } from '../stream/upstream-signal.ts';
import type { Dialect, DialectContext, UpstreamCall } from './dialect.ts';
import { modelIds, openai } from './openai.ts';

/** Its options are named as in its own API. It has no place for the others. */
const fields: FieldNames = {
  topK: 'top_k',
  minP: 'min_p',
  repeatPenalty: 'repeat_penalty',
  without: ['logitBias', 'toolChoice', 'parallelToolCalls'],
};

/**
 * Ollama. Requests go to its own API: OpenAI's, which it has too, cuts the beginning off a prompt that does not fit without
 * a word, puts raw text into the chat template, and loses the message of an error in mid-stream. Before each request
 * `api/ps` says whether the model is in memory. See https://docs.ollama.com/api
 */
export const ollama: Dialect = {
  ...openai,
  name: 'ollama',
  fields,
  recognizes: ({ ollamaVersion }) =>
    ollamaVersion.status === 200 && typeof ollamaVersion.json?.['version'] === 'string',
  describe: (probe, model) => {
    const models = modelIds(listedModels(probe), model);
    const first = model ?? models[0];
    const running = first === undefined ? undefined : runningModels(probe).find((one) => isNamed(one, first));
    return { models, contextSize: countOf(running?.['context_length']), slots: null };
  },
  call: (request, context, first) =>
    request.prompt === undefined ? chatCall(request, context, first) : rawCall(request, request.prompt, context, first),
  beforeCall: loadModel,
};

function runningModels({ ollamaRunning }: Probe): Record<string, unknown>[] {
  return modelsOf(ollamaRunning.json);
}

function modelsOf(json: unknown): Record<string, unknown>[] {
  const models = typeof json === 'object' && json !== null && 'models' in json ? json.models : undefined;
  return Array.isArray(models) ? (models as Record<string, unknown>[]) : [];
}

/** Names without a tag have the tag `latest`. */
function isNamed({ name, model }: Record<string, unknown>, asked: string): boolean {
  const full = asked.includes(':') ? asked : `${asked}:latest`;
  return name === full || model === full || name === asked || model === asked;
}

function chatCall(request: GenerateRequest, context: DialectContext, first: number): UpstreamCall {
  const { tools } = chatFields(request);
  const { messages = [], toolChoice } = request;
  return {
    ...callOf(request, context, first),
    path: 'api/chat',
    body: {
      ...bodyOf(request, context, first),
      messages: messages.map((message, at) => chatMessage(message, at, messages)),
      ...(tools && toolChoice !== 'none' && { tools }),
    },
  };
}

function rawCall(request: GenerateRequest, prompt: string, context: DialectContext, first: number): UpstreamCall {
  return {
    ...callOf(request, context, first),
    path: 'api/generate',
    body: { ...bodyOf(request, context, first), prompt, raw: true },
  };
}

function callOf({ logprobs }: GenerateRequest, _context: DialectContext, choice: number) {
  return {
    format: 'ndjson' as const,
    createReader: () => new OllamaReader({ choice, logprobs: logprobs !== undefined }),
  };
}

function bodyOf(request: GenerateRequest, { model }: DialectContext, first: number) {
  const { maxTokens, temperature, topP, seed, stop, presencePenalty, frequencyPenalty, responseFormat } = request;
  const { chatTemplateKwargs, logprobs } = request;
  const { enable_thinking: thinks, ...otherKwargs } = chatTemplateKwargs ?? {};
  const hasOnlyThinking = typeof thinks === 'boolean' && Object.keys(otherKwargs).length === 0;
  const options = {
    temperature,
    top_p: topP,
    ...ownFields(hasOnlyThinking ? { ...request, chatTemplateKwargs: undefined } : request, fields, 'ollama'),
    ...(maxTokens !== undefined && { num_predict: maxTokens }),
    ...(seed !== undefined && { seed: choiceSeed(seed, first) }),
    ...(stop.length > 0 && { stop }),
    ...(presencePenalty !== 0 && { presence_penalty: presencePenalty }),
    ...(frequencyPenalty !== 0 && { frequency_penalty: frequencyPenalty }),
  };
  return {
    model,
    stream: true,
    // A prompt that does not fit is an error, as is told to the caller, and a full context ends the answer.
    truncate: false,
    shift: false,
    options,
    ...(hasOnlyThinking && { think: thinks }),
    ...(responseFormat?.type === 'json' && { format: responseFormat.schema ?? 'json' }),
    ...(logprobs !== undefined && { logprobs: true, top_logprobs: logprobs }),
  };
}

/** @throws HeadwayError `invalid-request` naming a tool call's arguments that are no object */
function chatMessage(message: Message, at: number, all: readonly Message[]): object {
  const content = messageText(message.content);
  switch (message.role) {
    case 'system':
    case 'user':
      return { role: message.role, content };
    case 'tool': {
      const { toolCallId } = message;
      const calls = all.flatMap((one) => (one.role === 'assistant' ? (one.toolCalls ?? []) : []));
      const name = calls.find(({ id }) => id === toolCallId)?.name;
      return { role: 'tool', content, tool_call_id: toolCallId, ...(name !== undefined && { tool_name: name }) };
    }
    case 'assistant': {
      const { reasoning, toolCalls = [] } = message;
      return {
        role: 'assistant',
        content,
        ...(reasoning !== undefined && { thinking: reasoning }),
        ...(toolCalls.length > 0 && {
          tool_calls: toolCalls.map(({ id, name, arguments: args }, index) => ({
            id,
            function: { index, name, arguments: argumentsOf(args, ['messages', at, 'toolCalls', index, 'arguments']) },
          })),
        }),
      };
    }
    default:
      return message satisfies never;
  }
}

/** Ollama takes the arguments of a call as an object. Empty ones are those of a call without any. */
function argumentsOf(text: string, path: (string | number)[]): object {
  const value = text.trim() === '' ? {} : jsonOf(text);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw fieldError({
    path,
    message: 'Ollama needs them as a JSON object; leave out a call that was cut off, and its result',
    expected: 'a JSON object',
  });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Loads the model where it is not in memory, and reports that meanwhile. `api/ps` lists a model while its weights are still
 * read, so a load of one's own tells when it is over; a request without a prompt loads and does nothing else.
 */
async function loadModel(
  { model, ask, json }: DialectContext,
  onSignal: (signal: ReadingSignal) => void,
  signal: AbortSignal,
): Promise<void> {
  const running = modelsOf(await json('api/ps', { signal }));
  if (running.some((one) => isNamed(one, model))) return;
  onSignal({ type: 'loading', loaded: null });
  // If it fails, so does the request, which tells why.
  await (await ask('api/generate', { body: { model, stream: false }, signal })).text();
}
